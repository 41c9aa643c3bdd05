import { describe, expect, it } from 'vitest';
import { startGitLab } from '../../../../infra/local/gitlab/gitlab.ts';
import { GitLabAccessTokens } from '../../../../lambda/gitlab/access-tokens.ts';
import { GitLabClient } from '../../../../lambda/gitlab/client.ts';
import type { TokenOwner } from '../../../../lambda/ports/access-tokens.ts';
import { PROBED } from '../../../rig/function/probed-token.ts';
import { recordingLog } from '../../../rig/function/recording-log.ts';

const TIMEOUT_MS = 5_000;

/** A GitLab with a project, and its token `first`, which may do nothing but rotate. */
async function givenGitLab(relativeRoot?: string) {
  const gitlab = await startGitLab({
    settings: { tokenValues: 'words' },
    ...(relativeRoot !== undefined && { relativeRoot }),
  });
  const project = gitlab.addProject({ path: 'group/app' });
  gitlab.createAccessToken({ resource: project, scopes: ['self_rotate'], value: 'first' });
  const tokens = new GitLabAccessTokens(
    new GitLabClient({ gitlabUrl: gitlab.url, log: recordingLog() }),
  );
  const owner: TokenOwner = { kind: 'project', id: 'group/app' };
  return { gitlab, project, tokens, owner };
}

/** `YYYY-MM-DD`, in UTC. */
function inDays(days: number): string {
  return new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}

describe(GitLabAccessTokens, () => {
  it.each([undefined, '/gitlab'])(
    'rotates a token by the path of its project: %j',
    async (root) => {
      const { gitlab, tokens, owner } = await givenGitLab(root);
      await using _ = gitlab;

      const outcome = await tokens.rotate('first', owner, inDays(90), TIMEOUT_MS, PROBED);

      expect(outcome).toMatchObject({ kind: 'rotated', successor: { token: 'successor-1' } });
      expect(gitlab.isActive('first')).toBe(false);
      expect(gitlab.isActive('successor-1')).toBe(true);
    },
  );

  it('tells the active from the dead without harm to the successor', async () => {
    const { gitlab, tokens, owner } = await givenGitLab();
    await using _ = gitlab;
    await tokens.rotate('first', owner, inDays(90), TIMEOUT_MS, PROBED);

    const old = await tokens.probe('first', TIMEOUT_MS);
    const successor = await tokens.probe('successor-1', TIMEOUT_MS);
    const stranger = await tokens.probe('stranger', TIMEOUT_MS);

    expect(old).toMatchObject({ kind: 'dead', reason: 'revoked' });
    expect(successor).toMatchObject({ kind: 'active', token: { canRotate: true } });
    expect(stranger).toMatchObject({ kind: 'dead', reason: 'unknown' });
    expect(gitlab.isActive('successor-1')).toBe(true);
  });

  it('revokes a token with itself, and says so again when asked again', async () => {
    const { gitlab, tokens } = await givenGitLab();
    await using _ = gitlab;

    expect(await tokens.revoke('first', TIMEOUT_MS)).toBe(true);
    expect(gitlab.isActive('first')).toBe(false);
    expect(await tokens.revoke('first', TIMEOUT_MS)).toBe(true);
  });

  it('can use the date that GitLab names', async () => {
    const { gitlab, tokens, owner } = await givenGitLab();
    await using _ = gitlab;

    const refused = await tokens.rotate('first', owner, inDays(400), TIMEOUT_MS, PROBED);
    const latest = refused.kind === 'date-too-far' ? refused.latest : '';
    const rotated = await tokens.rotate('first', owner, latest, TIMEOUT_MS, PROBED);

    expect(refused).toMatchObject({ kind: 'date-too-far' });
    expect(rotated).toMatchObject({ kind: 'rotated', successor: { expiresAt: latest } });
  });

  it.each(['self_rotate', 'api'])(
    'knows the project of somebody else, asked with the scope %s',
    async (scope) => {
      const { gitlab, project, tokens } = await givenGitLab();
      await using _ = gitlab;
      gitlab.createAccessToken({ resource: project, scopes: [scope], value: 'second' });
      gitlab.addProject({ path: 'other/open', visibility: 'public' });
      const owner: TokenOwner = { kind: 'project', id: 'other/open' };

      const outcome = await tokens.rotate('second', owner, inDays(90), TIMEOUT_MS, PROBED);

      expect(outcome).toMatchObject({ kind: 'refused', refusal: 'not-a-member' });
      expect(gitlab.isActive('second')).toBe(true);
    },
  );

  it.each(['17.8', '16.0', '15.11'])('knows a GitLab %s', async (version) => {
    const { gitlab, project, tokens, owner } = await givenGitLab();
    await using _ = gitlab;
    gitlab.createAccessToken({ resource: project, scopes: ['api'], value: 'second' });
    gitlab.settings.version = version;

    const outcome = await tokens.rotate('second', owner, inDays(90), TIMEOUT_MS, PROBED);

    expect(outcome).toMatchObject({ kind: 'refused', refusal: 'gitlab-too-old' });
    expect(gitlab.isActive('second')).toBe(true);
  });
});
