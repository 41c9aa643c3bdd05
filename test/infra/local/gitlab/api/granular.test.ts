import { describe, expect, it } from 'vitest';
import type { GranularScope } from '../../../../../infra/local/gitlab/state/model.ts';
import { json } from '../expected.ts';
import { type Given, given, type Reply } from '../given.ts';

/** A granular token of a Maintainer's, with these grants. */
async function granted(...granularScopes: GranularScope[]): Promise<Given> {
  const start = await given({ settings: { version: '19.5' } });
  start.person(40, { scopes: ['granular'], granularScopes });
  return start;
}

function refusal(missing: string, boundary = 'user') {
  return json(403, {
    error: 'insufficient_granular_scope',
    error_description: `Access denied: This operation requires a fine-grained personal access token with the following ${boundary} permissions: [${missing}].`,
  });
}

interface GranularCall {
  readonly call: string;
  readonly send: (start: Given) => Promise<Reply>;
  /** What the call needs, and for what: `access` of a grant. */
  readonly permission: string;
  readonly access: string;
  readonly missing: string;
}

const SELF = '/personal_access_tokens/self';
const HOME = '/projects/1/access_tokens';

function get(path: string): GranularCall['send'] {
  return (start) => start.send('GET', path, { token: 'person' });
}

const READ_SELF = {
  permission: 'read_personal_access_token',
  access: 'user',
  missing: 'Personal Access Token: Read',
};
const ROTATE_SELF = {
  permission: 'rotate_personal_access_token',
  access: 'user',
  missing: 'Personal Access Token: Rotate',
};
const READ_TOKENS = {
  permission: 'read_resource_access_token',
  missing: 'Resource Access Token: Read',
};
const CALLS: readonly GranularCall[] = [
  { call: 'the probe', send: (start) => start.probe('person'), ...READ_SELF },
  { call: 'its associations', send: get(`${SELF}/associations`), ...READ_SELF },
  { call: 'rotating itself', send: (start) => start.rotatePersonal('person'), ...ROTATE_SELF },
  {
    call: 'revoking itself',
    send: (start) => start.revoke('person'),
    permission: 'revoke_personal_access_token',
    access: 'user',
    missing: 'Personal Access Token: Revoke',
  },
  { call: 'a list', send: get(HOME), ...READ_TOKENS, access: 'all_memberships' },
  { call: 'a token', send: get(`${HOME}/1`), ...READ_TOKENS, access: 'selected_memberships' },
  {
    call: 'rotating by id',
    send: (start) => start.rotateById('person', 1),
    permission: 'rotate_resource_access_token',
    access: 'all_memberships',
    missing: 'Resource Access Token: Rotate',
  },
  {
    call: 'the version',
    send: get('/version'),
    permission: 'read_metadata',
    access: 'instance',
    missing: 'Metadata: Read',
  },
];

function boundaryOf({ access }: GranularCall): string {
  return access.endsWith('_memberships') ? 'project' : access;
}

describe('a granular token', () => {
  it.each(CALLS)('is refused $call without $permission', async (row) => {
    await using start = await granted({ access: 'user', permissions: ['read_wiki'] });

    const { answer } = await row.send(start);

    expect(answer).toEqual(refusal(row.missing, boundaryOf(row)));
    expect(start.alive('first', 'person')).toEqual({ first: true, person: true });
  });

  it.each(CALLS)('is allowed $call with $permission', async ({ send, access, permission }) => {
    await using start = await granted({ access, permissions: [permission] });

    const { answer } = await send(start);

    expect([200, 204]).toContain(answer.status);
  });

  it('rotates itself as a bot with the permission of its user', async () => {
    const granularScopes = [{ access: 'user', permissions: ['rotate_personal_access_token'] }];
    const token = { scopes: ['granular'], granularScopes };
    await using start = await given({ settings: { version: '19.5' }, token });

    const probe = await start.probe('first');
    const rotation = await start.rotate('first');

    expect(probe.answer).toEqual(refusal('Personal Access Token: Read'));
    expect(rotation.answer.status).toBe(200);
  });

  it('is told to be inactive while its feature flag is off, and works', async () => {
    const permissions = ['read_personal_access_token', 'rotate_personal_access_token'];
    await using start = await granted({ access: 'user', permissions });
    start.gitlab.settings.granularFlagOff = true;

    const probe = await start.probe('person');
    const legacy = await start.probe('first');
    const rotation = await start.rotatePersonal('person');

    expect(probe.answer).toMatchObject({
      status: 200,
      body: { active: false, revoked: false, expired: false, granular: true },
    });
    expect(legacy.answer.body).toMatchObject({ active: true, granular: false });
    expect(rotation.answer.status).toBe(200);
  });

  it('may do nothing in a project with a permission that is granted for its user', async () => {
    await using start = await granted({
      access: 'user',
      permissions: ['read_resource_access_token'],
    });

    const { answer } = await start.send('GET', HOME, { token: 'person' });

    expect(answer).toEqual(refusal('Resource Access Token: Read', 'project'));
  });

  it('is not told what is missing in a project that its user cannot see', async () => {
    await using start = await granted({
      access: 'user',
      permissions: ['read_personal_access_token'],
    });

    const { answer } = await start.send('GET', '/projects/2/access_tokens', { token: 'person' });

    expect(answer).toEqual(json(404, { message: '404 Not Found' }));
  });
});
