import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { nginxPage } from '../../../../infra/local/gitlab/api/fault-answers.ts';
import type { AccessLevel, User } from '../../../../infra/local/gitlab/state/model.ts';
import type { Answer } from '../../../../infra/local/server/wire.ts';
import { GitLabAdministeredTokens } from '../../../../lambda/gitlab/administered-tokens.ts';
import { GitLabClient } from '../../../../lambda/gitlab/client.ts';
import { failureOf } from '../../../rig/function/alternating-rig.ts';
import { recordingLog } from '../../../rig/function/recording-log.ts';
import { type Rig, startRig } from '../../../rig/function/rig.ts';
import { GRANULAR, MAINTENANCE } from '../../../rig/scripted/gitlab-answers.ts';
import { startLosing } from './losing-rig.ts';

const ALWAYS = 1000;
const MAINTAINED = { status: 503, gitlabSays: 'maintenance', retryAfterSeconds: 600 };

/** createSecret with the token of somebody in this role, in a GitLab where the old token is dead. */
async function recoverAs(
  rig: Rig,
  level: AccessLevel,
  state: User['state'] = 'active',
): Promise<unknown> {
  const { gitlab, project, client, services } = rig;
  const user = gitlab.addUser();
  gitlab.addMember(user, project, level);
  user.state = state;
  gitlab.createPersonalToken({ user, scopes: ['api'], value: 'recovery' });
  const command = new CreateSecretCommand({ Name: 'recovery', SecretString: 'recovery' });
  const { ARN: secretId = '' } = await client.send(command);
  await fetch(`${gitlab.url}/api/v4/personal_access_tokens/self/rotate`, {
    method: 'POST',
    headers: { authorization: 'Bearer first' },
  });
  const log = recordingLog();
  const administered = new GitLabAdministeredTokens(
    new GitLabClient({ gitlabUrl: gitlab.url, log }),
  );
  Object.assign(services, { recovery: { secretId, administered } });
  return failureOf(rig.run('createSecret'));
}

describe('a recovery that GitLab refuses', () => {
  it('says that the credential died while it was used', async () => {
    await using rig = await startRig();
    const body = '{"error":"invalid_token","error_description":"Token was revoked."}';
    const answer = { status: 401, headers: { 'content-type': 'application/json' }, body };
    const effect = { kind: 'answer', answer } as const;
    rig.gitlab.faults.add({ operation: 'listTokens', at: 'before', effect });

    expect(await recoverAs(rig, 40)).toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { recovery: 'dead', recoveryReason: 'revoked' },
    });
  });

  it('says so, and does not ask again, when the role is lower than that of the token', async () => {
    await using rig = await startRig();
    const [bot] = rig.gitlab.members;
    Object.assign(bot ?? {}, { level: 50 });

    const failure = await recoverAs(rig, 40);

    expect(failure).toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: {
        recovery: 'refused',
        status: 400,
        candidates: [expect.stringMatching(/^3 "publish" \d{4}-/)],
      },
    });
    const { rotateRequests } = rig.gitlab;
    expect(rotateRequests.filter(({ operation }) => operation === 'rotateById')).toHaveLength(1);
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it('tells why, where GitLab does', async () => {
    await using rig = await startRig();
    rig.gitlab.faults.add({
      operation: 'rotateById',
      at: 'before',
      effect: {
        kind: 'answer',
        answer: { status: 403, body: '{"message":"read-only instance"}' },
      },
    });

    expect(await recoverAs(rig, 40)).toMatchObject({
      details: { recovery: 'refused', recoveryRefusal: 'read-only' },
    });
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it('says so when its user is blocked, and looks at no token', async () => {
    await using rig = await startRig();

    expect(await recoverAs(rig, 40, 'blocked')).toMatchObject({
      details: { recovery: 'refused', recoveryRefusal: 'user-blocked', status: 403 },
    });
    expect(rig.gitlab.calls.map(({ operation }) => operation)).not.toContain('listTokens');
  });

  it('says so when GitLab lets it see no tokens', async () => {
    await using rig = await startRig();

    expect(await recoverAs(rig, 30)).toMatchObject({
      details: { recovery: 'refused', recoveryRefusal: 'not-a-member', status: 401 },
    });
  });
});

describe('what GitLab says to the recovery credential', () => {
  /** Lets GitLab say something to the next requests of one kind. */
  function onCall({ gitlab }: Rig, operation: string, answer: Answer): void {
    gitlab.faults.add({
      operation,
      at: 'before',
      times: ALWAYS,
      effect: { kind: 'answer', answer },
    });
  }

  it.each<[string, string, Answer, object]>([
    [
      'that a permission is missing',
      'listTokens',
      GRANULAR,
      {
        recovery: 'refused',
        recoveryRefusal: 'permission-missing',
        permission: 'Personal Access Token: Read',
      },
    ],
    [
      'that it is in maintenance, to a look',
      'listTokens',
      MAINTENANCE,
      { recovery: 'unreachable', ...MAINTAINED },
    ],
    [
      'that it is in maintenance, to a rotation by id',
      'rotateById',
      MAINTENANCE,
      { recovery: 'not-enough-time', ...MAINTAINED },
    ],
  ])('is told: %s', async (_what, operation, answer, details) => {
    await using rig = await startLosing();
    onCall(rig, operation, answer);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'SUCCESSOR_LOST',
      details,
    });

    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it('is asked again while a page comes in place of the list', async () => {
    await using rig = await startLosing();
    rig.gitlab.faults.add({
      operation: 'listTokens',
      at: 'before',
      times: 2,
      effect: { kind: 'answer', answer: nginxPage(403) },
    });

    await rig.run('createSecret');

    expect(rig.notices).toMatchObject([{ code: 'HEALED' }]);
  });

  it('does not depend on the scopes of a fine-grained one, which prove nothing', async () => {
    await using rig = await startLosing();
    const { tokens } = rig.services;
    const { probe } = tokens;
    tokens.probe = async (token, timeoutMs) => {
      const answer = await probe.call(tokens, token, timeoutMs);
      return answer.kind === 'active' && token === 'recovery'
        ? { ...answer, token: { ...answer.token, scopes: ['granular'], granular: true } }
        : answer;
    };

    await rig.run('createSecret');

    expect(rig.notices).toMatchObject([{ code: 'HEALED' }]);
  });
});
