import { describe, expect, it } from 'vitest';
import { ALREADY_REVOKED, REVOKED } from '../expected.ts';
import { type Given, given, type Reply } from '../given.ts';

function statuses(replies: readonly Reply[]): number[] {
  return replies.map(({ answer }) => answer.status);
}

/** What the probe says of every token but the first. */
async function probeSuccessors(start: Given): Promise<number[]> {
  const probes: Reply[] = [];
  for (const { id } of start.gitlab.tokens.slice(1)) {
    probes.push(await start.probe(`successor-${id - 1}`));
  }
  return statuses(probes);
}

/** Two rotations, of which the second has read nothing yet when the first commits. */
async function raceToReread(
  start: Given,
  send: () => Promise<Reply>,
): Promise<readonly [Reply, Reply]> {
  const hold = start.gitlab.hold('after-authentication');
  const late = send();
  await hold.arrived;
  const first = await send();
  hold.release();
  return [first, await late];
}

/** Two rotations that have both read the token as alive. */
async function raceToCommit(start: Given): Promise<readonly Reply[]> {
  const hold = start.gitlab.hold('before-commit', 2);
  const both = [start.rotate('first'), start.rotate('first')];
  await hold.arrived;
  hold.release();
  return Promise.all(both);
}

describe('rotating one token several times at once', () => {
  it('row 87: gives each its own active successor when all have read it as active', async () => {
    await using start = await given();
    const hold = start.gitlab.hold('before-commit', 3);

    const rotations = [start.rotate('first'), start.rotate('first'), start.rotate('first')];
    await hold.arrived;
    hold.release();
    const replies = await Promise.all(rotations);

    const values = replies.map(({ answer }) => (answer.body as { token: string }).token);
    expect(statuses(replies)).toEqual([200, 200, 200]);
    expect(new Set(values).size).toBe(3);
    expect(await probeSuccessors(start)).toEqual([200, 200, 200]);
  });

  it('row 88: refuses one that reads the token after another has committed', async () => {
    await using start = await given();

    const [first, late] = await raceToReread(start, () => start.rotate('first'));

    expect(first.answer.status).toBe(200);
    expect(late.answer).toEqual(ALREADY_REVOKED);
    expect(await probeSuccessors(start)).toEqual([200]);
  });

  it('row 89: revokes the winner for one that begins after the commit', async () => {
    await using start = await given();
    const race = await raceToReread(start, () => start.rotate('first'));

    const third = await start.rotate('first');

    expect(statuses(race)).toEqual([200, 400]);
    expect(third.answer).toEqual(REVOKED);
    expect(await probeSuccessors(start)).toEqual([401]);
  });

  it('row 89: revokes both winners for one that begins after their commits', async () => {
    await using start = await given();
    const race = await raceToCommit(start);

    const third = await start.rotate('first');

    expect(statuses(race)).toEqual([200, 200]);
    expect(third.answer).toEqual(REVOKED);
    expect(await probeSuccessors(start)).toEqual([401, 401]);
  });

  it('row 90: gives both a successor without a project in the path, where nothing is read again', async () => {
    await using start = await given();

    const race = await raceToReread(start, () => start.rotatePersonal('first'));

    expect(statuses(race)).toEqual([200, 200]);
    expect(await probeSuccessors(start)).toEqual([200, 200]);
  });
});
