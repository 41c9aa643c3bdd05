import { inspect } from 'node:util';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { expect, vi } from 'vitest';
import { startSns } from '../../../infra/local/sns/sns.ts';
import { FailureTopic } from '../../../lambda/aws/failure-topic.ts';
import { STEPS } from '../../../lambda/failure.ts';
import { GitLabAdministeredTokens } from '../../../lambda/gitlab/administered-tokens.ts';
import { GitLabClient } from '../../../lambda/gitlab/client.ts';
import { createHandler } from '../../../lambda/handler.ts';
import { createLog } from '../../../lambda/log.ts';
import type { Services } from '../../../lambda/ports/step.ts';
import { tokenExpiry } from '../../../lambda/time/token-expiry.ts';
import { type Rig, startRig } from '../../rig/function/rig.ts';
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

export interface Told {
  /** Everything that left the process, as text. */
  readonly output: string;
  readonly alerts: number;
  /** What consumers read in the end. */
  readonly current: string | undefined;
}

/** One rotation of a token, from the event to what subscribers get. It leaves `console` spied on. */
export async function recordRotation(
  held: Secrets,
  of: Shape,
  what: Trouble,
  how: Topic,
): Promise<Told> {
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
    metrics: (line) => output.push(line),
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

/** @throws where the text holds half of one of the secrets, as it is or as JSON writes it */
export function expectNothingOf(held: Secrets, output: string): void {
  for (const secret of Object.values(held)) {
    const told = secret.slice(0, TOO_MUCH);
    expect(output).not.toContain(told);
    expect(output).not.toContain(JSON.stringify(told).slice(1, -1));
  }
}
