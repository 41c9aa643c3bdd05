import { describe, expect, it } from 'vitest';
import { ALREADY_REVOKED, EXPIRED, REVOKED } from '../expected.ts';
import { BOTH, type Given, given, TODAY } from '../given.ts';

/** T0 was rotated to T1, and T1 lives. */
async function givenSuccessor(props: Parameters<typeof given>[0] = {}): Promise<Given> {
  const start = await given(props);
  await start.rotate('first');
  return start;
}

const TRAPPED = { 'successor-1': false };
const SPARED = { 'successor-1': true };

describe.each(BOTH)('a dead %s token', (type) => {
  it('row 74: may be probed: the successor lives', async () => {
    await using start = await givenSuccessor({ type });

    const { answer } = await start.probe('first');

    expect(answer).toEqual(REVOKED);
    expect(start.alive('successor-1')).toEqual(SPARED);
  });

  it('row 75: revokes its successor when it asks for a rotation', async () => {
    await using start = await givenSuccessor({ type });

    const { answer } = await start.rotate('first');

    expect(answer).toEqual(REVOKED);
    expect(start.alive('successor-1')).toEqual(TRAPPED);
    expect(start.gitlab.tokens[1]).toMatchObject({ revokedBy: 'reuse-detection' });
    expect(start.gitlab.rotateRequests).toMatchObject([
      { tokenId: 1, deadToken: false, status: 200 },
      { tokenId: 1, deadToken: true, status: 401 },
    ]);
  });

  it('row 76: leaves a successor that is refused itself', async () => {
    await using start = await givenSuccessor({ type });
    await start.rotate('first');

    const { answer } = await start.rotate('successor-1');

    expect(answer).toEqual(REVOKED);
  });

  it('row 77: does nothing to the token of another bot', async () => {
    await using start = await givenSuccessor({ type });
    const { resource, gitlab } = start;
    gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'second' });

    await start.rotate('first');

    expect(start.alive('second', 'successor-1')).toEqual({ second: true, ...TRAPPED });
  });
});

describe('reuse detection', () => {
  it('row 79: is set off on a foreign project, too', async () => {
    await using start = await givenSuccessor();

    const { answer } = await start.rotate('first', {}, '/projects/2');

    expect(answer).toEqual(REVOKED);
    expect(start.alive('successor-1')).toEqual(TRAPPED);
  });

  it('row 80: is set off without a project in the path', async () => {
    await using start = await givenSuccessor();

    const { answer } = await start.rotatePersonal('first');

    expect(answer).toEqual(REVOKED);
    expect(start.alive('successor-1')).toEqual(TRAPPED);
  });

  it('row 81: is set off by rotating an id that does not exist', async () => {
    await using start = await givenSuccessor();

    const { answer } = await start.rotateById('first', 12345);

    expect(answer).toEqual(REVOKED);
    expect(start.alive('successor-1')).toEqual(TRAPPED);
  });

  it('row 82: reaches over generations', async () => {
    await using start = await givenSuccessor();
    await start.rotate('successor-1');

    const { answer } = await start.rotate('first');

    expect(answer.status).toBe(401);
    expect(start.alive('successor-2')).toEqual({ 'successor-2': false });
    expect(start.gitlab.tokens.map(({ revokedBy }) => revokedBy)).toEqual([
      'rotation',
      'rotation',
      'reuse-detection',
    ]);
  });

  it('leaves ancestors alone', async () => {
    await using start = await givenSuccessor();
    await start.rotate('successor-1');
    await start.rotate('successor-2');

    await start.rotate('successor-1');

    expect(start.gitlab.tokens.map(({ revokedBy }) => revokedBy)).toEqual([
      'rotation',
      'rotation',
      'rotation',
      'reuse-detection',
    ]);
  });

  it('leaves what has expired as it is', async () => {
    await using start = await given();
    await start.rotate('first', { expires_at: TODAY });

    await start.rotate('first');

    expect(start.gitlab.tokens[1]).toMatchObject({ active: false, revoked: false });
  });

  it('row 83: spares the successor of a token that is past its date, too', async () => {
    await using start = await given();
    await start.rotate('first', { expires_at: '2027-02-20' });
    start.clock.now = new Date('2026-12-31T12:00:00Z');

    const { answer } = await start.rotate('first');

    expect(answer).toEqual(EXPIRED);
    expect(start.alive('successor-1')).toEqual(SPARED);
  });

  it('row 84: is not set off by revoking a dead token', async () => {
    await using start = await givenSuccessor();

    const { answer } = await start.revoke('first');

    expect(answer).toEqual(REVOKED);
    expect(start.alive('successor-1')).toEqual(SPARED);
  });

  it('row 85: comes before the date is read', async () => {
    await using start = await givenSuccessor();

    const { answer } = await start.rotate('first', { expires_at: 'soon' });

    expect(answer).toEqual(REVOKED);
    expect(start.alive('successor-1')).toEqual(TRAPPED);
  });

  it('row 85: comes before the scope is looked at', async () => {
    await using start = await given({ token: { scopes: ['read_api'] } });
    const maintainer = start.person(40);
    await start.rotateById(maintainer.token, 1);

    const { answer } = await start.rotate('first');

    expect(answer).toEqual(REVOKED);
    expect(start.alive('successor-1')).toEqual(TRAPPED);
  });

  // About the service behind the endpoint, which gets a revoked token only by its id.
  it('row 86: is not set off by an active credential that rotates a revoked token by its id', async () => {
    await using start = await givenSuccessor();
    start.person(40);
    const before = start.gitlab.tokens.map(({ id, revoked }) => ({ id, revoked }));

    const { answer } = await start.rotateById('person', 1);

    expect(answer).toEqual(ALREADY_REVOKED);
    expect(start.gitlab.tokens.map(({ id, revoked }) => ({ id, revoked }))).toEqual(before);
  });

  it('came with 16.3', async () => {
    await using start = await given({ settings: { version: '16.2' } });
    start.person(40);
    await start.rotateById('person', 1);

    const { answer } = await start.rotateById('first', 1);

    expect(answer).toEqual(REVOKED);
    expect(start.alive('successor-1')).toEqual(SPARED);
  });
});
