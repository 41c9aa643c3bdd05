import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startSns } from '../../infra/local/sns/sns.ts';
import { FailureTopic } from '../../lambda/aws/failure-topic.ts';
import { loadConfig } from '../../lambda/config.ts';
import { createHandler } from '../../lambda/handler.ts';
import { createLog } from '../../lambda/log.ts';
import { STEPS } from '../../lambda/rotation/failure.ts';
import { type Rig, startRig } from '../rig.ts';
import * as cases from './disclosure-cases.ts';
import {
  arrange,
  eventFor,
  type Secrets,
  type Shape,
  secretStringFor,
  type Topic,
  type Trouble,
} from './disclosure-cases.ts';

const CONTEXT = {
  awsRequestId: '8f1c2a52-6a5f-4f0e-9d6b-0a4f1f0f6d11',
  functionName: 'rotation',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:rotation',
};

/** How much of a secret is too much: answers that are cut hold half of it. */
const TOO_MUCH = 12;

interface Told {
  /** Everything that left the process, as text. */
  readonly output: string;
  readonly alerts: number;
  /** What consumers read in the end. */
  readonly current: string | undefined;
}

/** One rotation of a token, from the event to what subscribers get. */
async function rotate(held: Secrets, of: Shape, what: Trouble, how: Topic): Promise<Told> {
  const output: unknown[] = [];
  for (const level of ['info', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((entry) => output.push(entry));
  }
  // Somebody may have taken the field for the token.
  const tokenField = what.kind === 'token field' ? held.token : of.tokenField;
  await using rig = await startRig({
    settings: { tokenField },
    // The token that the rig made comes right before ours.
    secretString: ({ projectId, tokenId }) =>
      secretStringFor(held, of, what, { projectId, tokenId: tokenId + 1 }),
  });
  await using sns = await startSns();
  vi.stubEnv('AWS_ENDPOINT_URL_SNS', sns.url);
  createTokens(rig, held, of);
  arrange(rig, sns, what, how, held);
  const log = createLog();
  const handler = createHandler({
    steps: rig.steps,
    failures: new FailureTopic({ topicArn: sns.createTopic('failures'), log }),
    log,
  });
  for (const step of STEPS) {
    const { remainingMs } = rig.clock.deadline();
    const context = { ...CONTEXT, getRemainingTimeInMillis: remainingMs };
    await handler(eventFor(rig, step, what, held), context).catch((error: unknown) => {
      output.push(error, error instanceof Error && error.stack, String(error));
    });
  }
  for (const { subject, attributes, textFor } of sns.messages) {
    output.push(subject, attributes, textFor('email'), textFor('https'));
  }
  output.push(...rig.log);
  return {
    output: output
      .map((each) => `${JSON.stringify(each)}\n${inspect(each, { depth: 20, showHidden: true })}`)
      .join('\n'),
    alerts: sns.messages.length,
    current: rig.secretsManager.valueOf(rig.secretId, 'AWSCURRENT'),
  };
}

function createTokens({ gitlab, project }: Rig, held: Secrets, { owner }: Shape): void {
  const group = gitlab.addGroup({ path: 'people' });
  gitlab.createAccessToken({
    resource: owner === 'group' ? group : project,
    scopes: ['self_rotate'],
    value: held.token,
  });
  Object.assign(gitlab.settings, { tokenValues: 'routable', tokenPrefix: held.successor });
}

function expectNothingOf(held: Secrets, output: string): void {
  for (const secret of Object.values(held)) {
    const told = secret.slice(0, TOO_MUCH);
    expect(output).not.toContain(told);
    expect(output).not.toContain(JSON.stringify(told).slice(1, -1));
  }
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('what leaves the function', () => {
  it('holds no token, no content of the secret and no RotationToken, whatever goes wrong', async () => {
    const { secrets, shape, trouble, topic } = cases;
    await fc.assert(
      fc.asyncProperty(secrets, shape, trouble, topic, async (held, of, what, how) => {
        const { output } = await rotate(held, of, what, how);

        expect(output).toContain('rotation step');
        expectNothingOf(held, output);
      }),
      { numRuns: 200 },
    );
  }, 120_000);

  it('goes through with every shape of the secret where nothing is wrong', async () => {
    const { secrets, shape } = cases;
    await fc.assert(
      fc.asyncProperty(secrets, shape, async (held, of) => {
        // What begins like an object is none of a bare token.
        fc.pre(of.form === 'json' || !/^\{/m.test(`${held.token}\n${held.successor}`));

        const { current = '', alerts } = await rotate(held, of, { kind: 'none' }, 'takes');

        const now = of.form === 'json' ? JSON.parse(current)[of.tokenField] : current;
        expect(now.slice(0, held.successor.length)).toBe(held.successor);
        expect(alerts).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['takes', 'rotation step failed'],
    ['refuses', 'alert not published'],
    ['refuses in plain text', 'alert not published'],
    ['cuts', 'alert not published'],
  ] as const)(
    'tells a failure, with a topic that %s, and nothing of the secret',
    async (how, line) => {
      const [[held, of] = []] = fc.sample(fc.tuple(cases.secrets, cases.shape), 1);
      const what = { kind: 'secret', form: 'twice' } as const;

      const { output, alerts } = await rotate(held as Secrets, of as Shape, what, how);

      expect(output).toContain(line);
      expect(alerts).toBeGreaterThan(0);
      expectNothingOf(held as Secrets, output);
    },
  );

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
      fc.property(cases.token, fc.constantFrom(...variables), (held, variable) => {
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
