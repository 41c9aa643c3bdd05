import { inspect } from 'node:util';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startSns } from '../../../infra/local/sns/sns.ts';
import { FailureTopic } from '../../../lambda/aws/failure-topic.ts';
import { loadConfig } from '../../../lambda/config.ts';
import { STEPS } from '../../../lambda/failure.ts';
import { GitLabAdministeredTokens } from '../../../lambda/gitlab/administered-tokens.ts';
import { GitLabClient } from '../../../lambda/gitlab/client.ts';
import { createHandler } from '../../../lambda/handler.ts';
import { createLog } from '../../../lambda/log.ts';
import type { Services } from '../../../lambda/ports/step.ts';
import { tokenExpiry } from '../../../lambda/time/token-expiry.ts';
import { type Rig, startRig } from '../../rig/function/rig.ts';
import * as cases from './cases.ts';
import {
  eventFor,
  recoveryStringFor,
  type Secrets,
  type Shape,
  secretStringFor,
  type Topic,
  type Trouble,
} from './cases.ts';
import { arrange } from './troubles.ts';

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
  const botId = await createTokens(rig, held, of, what);
  const services = await servicesFor(rig, recoveryStringFor(held, of, what));
  arrange(rig, sns, what, how, held, botId);
  const log = createLog();
  const handler = createHandler({
    steps: rig.steps,
    services,
    clock: rig.clock,
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

/** The two tokens of the secret, and that of somebody who may rotate them. @returns whose is rotated */
async function createTokens(
  { gitlab, project, clock }: Rig,
  held: Secrets,
  { owner, form, hasStandby }: Shape,
  what: Trouble,
): Promise<number> {
  const group = gitlab.addGroup({ path: 'people' });
  const resource = owner === 'group' ? group : project;
  const create = (value: string) =>
    gitlab.createAccessToken({
      resource,
      scopes: ['self_rotate'],
      // People write what they like.
      name: `publish ${held.recovery} ${held.successor}`,
      expiresAt: tokenExpiry(clock.now(), 300),
      value,
    });
  const [token, standby] = [create(held.token), create(held.standby)];
  const user = gitlab.addUser();
  gitlab.addMember(user, resource, 50);
  gitlab.createPersonalToken({
    user,
    scopes: ['api'],
    expiresAt: tokenExpiry(clock.now(), 300),
    value: held.recovery,
  });
  Object.assign(gitlab.settings, { tokenValues: 'routable', tokenPrefix: held.successor });
  const rotated = hasStandby && form === 'json' ? standby : token;
  if (what.kind === 'loss' && what.how === 'before') {
    await fetch(`${gitlab.url}/api/v4/personal_access_tokens/self/rotate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rotated.token}` },
    });
  }
  return rotated.userId;
}

/** What the rig works with, and a recovery credential, where there is a secret for that. */
async function servicesFor(rig: Rig, SecretString: string | undefined): Promise<Services> {
  if (SecretString === undefined) {
    return rig.services;
  }
  const { client, gitlab, services } = rig;
  const { ARN: secretId = '' } = await client.send(
    new CreateSecretCommand({ Name: 'recovery', SecretString }),
  );
  const log = createLog();
  const administered = new GitLabAdministeredTokens(
    new GitLabClient({ gitlabUrl: gitlab.url, log }),
  );
  return { ...services, recovery: { secretId, administered } };
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
      { numRuns: 50 },
    );
  });

  it('goes through with every shape of the secret where nothing is wrong', async () => {
    const { secrets, shape } = cases;
    await fc.assert(
      fc.asyncProperty(secrets, shape, async (held, of) => {
        const { current = '', alerts } = await rotate(held, of, { kind: 'none' }, 'takes');

        const value = of.form === 'json' ? JSON.parse(current) : { [of.tokenField]: current };
        expect(value[of.tokenField].slice(0, held.successor.length)).toBe(held.successor);
        const hasStandby = of.form === 'json' && of.hasStandby;
        expect(value.standby?.token).toBe(hasStandby ? held.token : undefined);
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

  it.each([
    ['HEALED', { how: 'answer', operation: 'none' }],
    ['HEALED', { how: 'before', operation: 'none' }],
    ['several-candidates', { how: 'race', operation: 'none' }],
    ['several-candidates', { how: 'answer', operation: 'listTokens', form: 'list' }],
    ['not-enough-time', { how: 'answer', operation: 'rotateById', form: 'text' }],
    ['unreachable', { how: 'before', operation: 'getToken', form: 'text' }],
  ])('tells of a lost successor %s, %j, and no token of anybody', async (told, loss) => {
    const shape = { owner: 'project', hasTokenId: true, recovery: 'json', form: 'json' } as const;
    const what = { kind: 'loss', at: 'before', status: 200, form: 'list', ...loss } as Trouble;
    for (const hasStandby of [false, true]) {
      const of = { ...shape, tokenField: 'token', hasStandby } as const;
      const [held] = fc.sample(cases.secrets, 1) as [Secrets];

      const { output } = await rotate(held, of, what, 'takes');

      expect(output).toContain(told);
      expectNothingOf(held, output);
    }
  });

  it('holds nothing of an environment into which somebody pasted a token', () => {
    const variables = [
      'GITLAB_URL',
      'FAILURE_TOPIC_ARN',
      'TOKEN_LIFETIME_DAYS',
      'TOKEN_FIELD',
      'GITLAB_PROJECT_ID',
      'GITLAB_CA_FILE',
      'RECOVERY_SECRET_ARN',
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
