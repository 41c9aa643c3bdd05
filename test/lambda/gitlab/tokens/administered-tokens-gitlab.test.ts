import { describe, expect, it } from 'vitest';
import { type GitLab, startGitLab } from '../../../../infra/local/gitlab/gitlab.ts';
import { GitLabAdministeredTokens } from '../../../../lambda/gitlab/administered-tokens.ts';
import { GitLabClient } from '../../../../lambda/gitlab/client.ts';
import type {
  ListedToken,
  Resource,
  TokenListing,
} from '../../../../lambda/ports/administered-tokens.ts';
import { recordingLog } from '../../../rig/function/recording-log.ts';

const TIMEOUT_MS = 5_000;
const BOTH = ['project', 'group'] as const;

/** A project or group, its token `first`, and the token of somebody who owns it. */
async function given(kind: Resource['kind'] = 'project') {
  const gitlab = await startGitLab({ settings: { tokenValues: 'words' } });
  const group = gitlab.addGroup({ path: 'people' });
  const project = gitlab.addProject({ path: 'people/app' });
  const place = kind === 'project' ? project : group;
  const first = gitlab.createAccessToken({
    resource: place,
    scopes: ['self_rotate'],
    value: 'first',
  });
  const user = gitlab.addUser();
  gitlab.addMember(user, place, 50);
  gitlab.createPersonalToken({ user, scopes: ['api'], value: 'owner' });
  const client = new GitLabClient({ gitlabUrl: gitlab.url, log: recordingLog() });
  const administered = new GitLabAdministeredTokens(client);
  const resource: Resource = { kind, id: place.path };
  return { gitlab, place, first, administered, resource };
}

/** The value is lost: nobody reads this answer. */
async function rotateSelf({ url }: GitLab, token: string): Promise<void> {
  await fetch(`${url}/api/v4/personal_access_tokens/self/rotate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
}

function idsIn(listing: TokenListing): readonly string[] {
  const tokens: readonly ListedToken[] = listing.kind === 'listed' ? listing.tokens : [];
  return tokens.map(({ tokenId }) => tokenId);
}

describe.each(BOTH)('the tokens of a %s', (kind) => {
  it('show a dead one, its active successor, and lead to another value', async () => {
    const { gitlab, first, administered, resource } = await given(kind);
    await using _ = gitlab;
    await rotateSelf(gitlab, 'first');

    const found = await administered.find('owner', resource, String(first.id), TIMEOUT_MS);
    const listing = await administered.listActive('owner', resource, TIMEOUT_MS);
    const [id = ''] = idsIn(listing);
    const outcome = await administered.rotateById('owner', resource, id, '2027-02-20', TIMEOUT_MS);

    expect(found).toMatchObject({ tokens: [{ tokenId: '1', userId: String(first.userId) }] });
    expect(idsIn(listing)).toEqual(['3']);
    expect(outcome).toMatchObject({
      kind: 'rotated',
      successor: { token: 'successor-2', tokenId: '4', userId: String(first.userId) },
    });
    expect(gitlab.isActive('successor-1')).toBe(false);
    expect(gitlab.isActive('successor-2')).toBe(true);
  });

  it('do not hold one that GitLab does not know', async () => {
    const { gitlab, administered, resource } = await given(kind);
    await using _ = gitlab;

    expect(await administered.find('owner', resource, '999', TIMEOUT_MS)).toMatchObject({
      kind: 'listed',
      tokens: [],
      status: 404,
    });
  });

  it('are shown to nobody with a lower role, and rotated by no bot', async () => {
    const { gitlab, place, first, administered, resource } = await given(kind);
    await using _ = gitlab;
    const user = gitlab.addUser();
    gitlab.addMember(user, place, 30);
    gitlab.createPersonalToken({ user, scopes: ['api'], value: 'developer' });
    gitlab.createAccessToken({ resource: place, scopes: ['api'], accessLevel: 50, value: 'bot' });
    const { id } = first;

    const looks = await Promise.all([
      administered.find('developer', resource, String(id), TIMEOUT_MS),
      administered.listActive('developer', resource, TIMEOUT_MS),
    ]);
    const listed = await administered.listActive('bot', resource, TIMEOUT_MS);
    const rotation = await administered.rotateById(
      'bot',
      resource,
      String(id),
      '2027-02-20',
      TIMEOUT_MS,
    );

    expect(looks).toMatchObject([{ kind: 'refused' }, { kind: 'refused' }]);
    expect(listed.kind).toBe('listed');
    expect(rotation).toMatchObject({ kind: 'refused', status: 401 });
    expect(gitlab.isActive('first')).toBe(true);
  });
});

describe('the tokens of a project', () => {
  it('are all listed, however many pages they fill, and the active ones only', async () => {
    const { gitlab, place, first, administered, resource } = await given();
    await using _ = gitlab;
    for (let count = 0; count < 204; count += 1) {
      gitlab.createAccessToken({ resource: place, scopes: ['api'] });
    }
    gitlab.revoke(first.id);

    const listing = await administered.listActive('owner', resource, TIMEOUT_MS);

    expect(new Set(idsIn(listing)).size).toBe(204);
    expect(idsIn(listing)).not.toContain(String(first.id));
    expect(gitlab.calls.map(({ operation }) => operation)).toEqual(Array(3).fill('listTokens'));
  });

  it('are not looked for where the project has moved', async () => {
    const { gitlab, place, first, administered, resource } = await given();
    await using _ = gitlab;
    place.formerPaths = [place.path];
    place.path = 'people/elsewhere';
    const id = String(first.id);

    const answers = await Promise.all([
      administered.find('owner', resource, id, TIMEOUT_MS),
      administered.listActive('owner', resource, TIMEOUT_MS),
      administered.rotateById('owner', resource, id, '2027-02-20', TIMEOUT_MS),
    ]);

    const moved = { kind: 'refused', refusal: 'project-moved' };
    expect(answers).toMatchObject([moved, moved, moved]);
    expect(gitlab.isActive('first')).toBe(true);
  });

  it('are not rotated with a token that is dead, whose own successor this would kill', async () => {
    const { gitlab, first, administered, resource } = await given();
    await using _ = gitlab;
    gitlab.revoke(2);

    const id = String(first.id);
    const outcome = await administered.rotateById('owner', resource, id, '2027-02-20', TIMEOUT_MS);

    expect(outcome).toMatchObject({ kind: 'dead', reason: 'revoked' });
    expect(gitlab.isActive('first')).toBe(true);
  });
});
