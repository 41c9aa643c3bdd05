import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FaultEffect } from '../../infra/local/faults.ts';
import type { Alert } from '../../lambda/alert.ts';
import { loadConfig } from '../../lambda/config.ts';
import { createHandler } from '../../lambda/handler.ts';
import { createLog } from '../../lambda/log.ts';
import { STEPS, type Step } from '../../lambda/rotation/failure.ts';
import { type Rig, startRig } from '../rig.ts';

const CONTEXT = {
  awsRequestId: '8f1c2a52-6a5f-4f0e-9d6b-0a4f1f0f6d11',
  functionName: 'rotation',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:rotation',
};

/** Printable ASCII: what a token may be, and long enough not to occur by chance. */
const token = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 16,
  maxLength: 60,
});
const rotationToken = fc.string({
  unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-'),
  minLength: 36,
  maxLength: 60,
});

/** What may go wrong, told by everybody in words that hold what must not be told. */
const trouble = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.record({
    kind: fc.constant('gitlab' as const),
    operation: fc.constantFrom('probe', 'rotate'),
    at: fc.constantFrom('before' as const, 'after' as const),
    status: fc.constantFrom(200, 201, 302, 400, 401, 403, 404, 405, 409, 418, 500, 502),
    form: fc.constantFrom('message', 'error', 'token', 'living', 'text'),
  }),
  fc.record({
    kind: fc.constant('store' as const),
    operation: fc.constantFrom(
      'DescribeSecret',
      'GetSecretValue',
      'PutSecretValue',
      'UpdateSecretVersionStage',
    ),
    nth: fc.integer({ min: 1, max: 3 }),
    type: fc.constantFrom(
      'AccessDeniedException',
      'ResourceNotFoundException',
      'InvalidRequestException',
      'ResourceExistsException',
      'DecryptionFailure',
    ),
    form: fc.constantFrom('message', 'member', 'text'),
  }),
  fc.record({
    kind: fc.constant('event' as const),
    member: fc.constantFrom('Step', 'SecretId', 'ClientRequestToken', 'RotationToken'),
  }),
  fc.record({
    kind: fc.constant('secret' as const),
    form: fc.constantFrom('truncated', 'twice', 'spaced', 'foreign url', 'two owners', 'id'),
  }),
);
type Trouble = typeof trouble extends fc.Arbitrary<infer T> ? T : never;

interface Secrets {
  readonly token: string;
  readonly other: string;
  readonly rotationToken: string;
}

function secretStringFor({ token: held, other }: Secrets, what: Trouble): string {
  const whole = JSON.stringify({ token: held, note: other, projectId: 1 });
  switch (what.kind === 'secret' ? what.form : undefined) {
    case 'truncated':
      return whole.slice(0, -1);
    case 'twice':
      return `{"token":${JSON.stringify(held)},${whole.slice(1)}`;
    case 'spaced':
      return `${held} ${other} x`;
    case 'foreign url':
      return JSON.stringify({ token: held, note: other, gitlabUrl: `https://${other}` });
    case 'two owners':
      return JSON.stringify({ token: held, projectId: 1, groupId: 1, note: other });
    case 'id':
      return JSON.stringify({ token: held, tokenId: other });
    default:
      return whole;
  }
}

function arrange({ gitlab, secretsManager }: Rig, what: Trouble, secrets: Secrets): void {
  const quote = `${secrets.token} ${secrets.other} ${secrets.rotationToken}`;
  if (what.kind === 'gitlab') {
    const { operation, at, status, form } = what;
    const bodies: Readonly<Record<string, string>> = {
      message: JSON.stringify({ message: quote }),
      error: JSON.stringify({ error: secrets.token, error_description: quote }),
      living: JSON.stringify({ id: 4, scopes: [secrets.token, quote], expires_at: null }),
      token: JSON.stringify({ token: `${secrets.token} `, id: secrets.token, scopes: [quote] }),
    };
    const headers = { 'x-request-id': secrets.token, 'retry-after': secrets.token };
    const answer = { status, headers, body: bodies[form] ?? quote };
    gitlab.faults.add({ operation, at, effect: { kind: 'answer', answer } });
  }
  if (what.kind === 'store') {
    const { operation, nth, type, form } = what;
    const body =
      form === 'text'
        ? quote
        : JSON.stringify({ __type: type, Message: quote, [form]: quote, SecretString: quote });
    const effect: FaultEffect = { kind: 'answer', answer: { status: 400, body } };
    secretsManager.faults.add({ operation, at: 'before', nth, times: 3, effect });
  }
}

function eventFor(rig: Rig, step: Step, what: Trouble, secrets: Secrets): object {
  const { secretId, versionId } = rig.request;
  const event = {
    Step: step,
    SecretId: secretId,
    ClientRequestToken: versionId,
    RotationToken: secrets.rotationToken,
    Extra: secrets.token,
  };
  // Something that belongs elsewhere, where it is quoted most easily.
  return what.kind === 'event' ? { ...event, [what.member]: `${secrets.token} ` } : event;
}

/** Everything that leaves the process of one rotation, as text. */
async function outputOf(secrets: Secrets, what: Trouble): Promise<string> {
  const output: unknown[] = [];
  for (const level of ['info', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((entry) => output.push(entry));
  }
  await using rig = await startRig({ secretString: () => secretStringFor(secrets, what) });
  rig.gitlab.createAccessToken({
    resource: rig.project,
    scopes: ['self_rotate'],
    value: secrets.token,
  });
  arrange(rig, what, secrets);
  const handler = createHandler({
    steps: rig.steps,
    failures: { publish: async (alert: Alert) => void output.push(alert) },
    log: createLog(),
  });
  for (const step of STEPS) {
    const { remainingMs } = rig.clock.deadline();
    const context = { ...CONTEXT, getRemainingTimeInMillis: remainingMs };
    await handler(eventFor(rig, step, what, secrets), context).catch((error: unknown) => {
      output.push(error, error instanceof Error && error.stack, String(error));
    });
  }
  return output
    .map((entry) => `${JSON.stringify(entry)}\n${inspect(entry, { depth: 20, showHidden: true })}`)
    .join('\n');
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('what leaves the function', () => {
  it('holds no token, no content of the secret and no RotationToken, whatever goes wrong', async () => {
    await fc.assert(
      fc.asyncProperty(token, token, rotationToken, trouble, async (held, other, rt, what) => {
        const secrets = { token: held, other, rotationToken: rt };

        const output = await outputOf(secrets, what);

        expect(output).toContain('rotation step');
        for (const secret of [held, other, rt, 'successor-1']) {
          expect(output).not.toContain(secret);
          expect(output).not.toContain(JSON.stringify(secret).slice(1, -1));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('holds nothing of an environment into which somebody pasted a token', () => {
    const variables = [
      'GITLAB_URL',
      'FAILURE_TOPIC_ARN',
      'TOKEN_LIFETIME_DAYS',
      'TOKEN_FIELD',
      'GITLAB_PROJECT_ID',
      'GITLAB_CA_FILE',
      'HTTPS_PROXY',
    ];
    fc.assert(
      fc.property(token, fc.constantFrom(...variables), (held, variable) => {
        let failure: unknown;
        try {
          loadConfig({ [variable]: held });
        } catch (error) {
          failure = error;
        }

        expect(failure).toMatchObject({ code: 'CONFIG_INVALID' });
        expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain(held);
      }),
    );
  });
});
