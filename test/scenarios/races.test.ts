import { describe, expect, it } from 'vitest';
import { tokenExpiry } from '../../lambda/time/token-expiry.ts';
import { startAlternatingRig } from '../rig/function/alternating-rig.ts';
import { PROBED } from '../rig/function/probed-token.ts';
import { activeIds, addRecovery, type RecoveryCredential } from '../rig/function/recovery-rig.ts';
import { type Rig, startRig } from '../rig/function/rig.ts';
import { onRotate } from '../rig/function/rotate-faults.ts';

/*
 * GitLab locks no token: section 8 of its contract has three rows of what a
 * second request for the same token gets. Two runs of one rotation meet in each.
 */

type Setup = Rig & { readonly credential?: RecoveryCredential };

async function withRecovery(rig: Rig): Promise<Setup> {
  return Object.assign(rig, { credential: await addRecovery(rig) });
}

const SETUPS = {
  'one token': (): Promise<Setup> => startRig(),
  'one token, recovery': async () => withRecovery(await startRig()),
  'two tokens': (): Promise<Setup> => startAlternatingRig(),
  'two tokens, recovery': async () => withRecovery(await startAlternatingRig()),
} as const;

/** Both runs have seen the token active, and GitLab serves both. */
async function meetBeforeCommit(rig: Rig): Promise<void> {
  const hold = rig.gitlab.hold('before-commit', 2);
  const runs = [rig.run('createSecret'), rig.run('createSecret')];
  await hold.arrived;
  hold.release();
  await Promise.all(runs);
}

/** One run's request is recognised, and then waits until the other run is through. */
async function meetBeforeReread(rig: Rig): Promise<void> {
  const hold = rig.gitlab.hold('after-authentication');
  const late = rig.run('createSecret');
  await hold.arrived;
  await rig.run('createSecret');
  hold.release();
  await late;
}

/** One run is through while the request of the other is on its way. */
async function meetBeforeRequest(rig: Rig): Promise<void> {
  onRotate(rig, 'before', { kind: 'run', run: () => rig.run('createSecret') });
  await rig.run('createSecret');
}

/** What the requests for a token were answered with. */
function statuses({ gitlab }: Rig): readonly (number | undefined)[] {
  return gitlab.rotateRequests.map(({ status }) => status).toSorted();
}

/** The ids that the secret states under a label, of its token and of its standby. */
function idsIn(rig: Rig, label: string): readonly number[] {
  const value = JSON.parse(rig.secretsManager.valueOf(rig.secretId, label) ?? '{}');
  return [value, value.standby ?? {}]
    .map(({ tokenId }) => Number(tokenId))
    .filter((id) => id > 0)
    .toSorted((one, other) => one - other);
}

/** A run that ended when GitLab had rotated, and had stored nothing. */
async function loseSuccessor({ services, project, secretsManager, secretId, clock }: Rig) {
  const { token, standby } = JSON.parse(secretsManager.valueOf(secretId, 'AWSCURRENT') ?? '{}');
  const owner = { kind: 'project', id: String(project.id) } as const;
  const expiresAt = tokenExpiry(clock.now(), services.settings.lifetimeDays);
  await services.tokens.rotate(standby?.token ?? token, owner, expiresAt, 5_000, PROBED);
}

async function finish(rig: Rig): Promise<void> {
  await rig.run('testSecret');
  await rig.run('finishSecret');
}

describe.each(Object.entries(SETUPS))('two runs at once, with %s', (name, start) => {
  const isAlternating = name.startsWith('two tokens');

  it.each([
    ['both get an active token', meetBeforeCommit, [200, 200]],
    ['the second is told that it is too late', meetBeforeReread, [200, 400]],
  ] as const)('leave no active token but those of the secret: %s', async (_row, meet, answers) => {
    await using rig = await start();

    await meet(rig);

    expect(statuses(rig)).toEqual(answers);
    expect(rig.gitlab.rotateRequests.some(({ deadToken }) => deadToken)).toBe(false);
    expect(rig.gitlab.isActive('first')).toBe(isAlternating);
    await finish(rig);
    expect(activeIds(rig, rig.credential)).toEqual(idsIn(rig, 'AWSCURRENT'));
    expect(activeIds(rig, rig.credential)).toHaveLength(isAlternating ? 2 : 1);
    expect(rig.notices).toEqual([]);
  });

  it('leave no orphan where the second begins after the commit, which kills the successor', async () => {
    await using rig = await start();

    await expect(meetBeforeRequest(rig)).rejects.toMatchObject({
      code: isAlternating ? 'STANDBY_DEAD' : 'CURRENT_TOKEN_DEAD',
      details: { reuseDetected: true },
    });

    expect(statuses(rig)).toEqual([200, 401]);
    await expect(finish(rig)).rejects.toMatchObject({ code: 'PENDING_TOKEN_REJECTED' });
    // With a standby consumers do not notice.
    expect(activeIds(rig, rig.credential)).toEqual(isAlternating ? [rig.firstTokenId] : []);
    expect(rig.gitlab.isActive(rig.value('AWSCURRENT')?.token ?? '')).toBe(isAlternating);
  });
});

describe('two runs at once, with two tokens of a person', () => {
  // Neither project nor group in the path: there GitLab does not read the token again.
  const PERSONAL = '{"token":"one","standby":{"token":"two"}}';

  it.each([
    ['both before the commit', meetBeforeCommit],
    ['the second after it', meetBeforeReread],
  ])('leave no orphan, though GitLab serves both: %s', async (_when, meet) => {
    await using rig = await startRig({ secretString: () => PERSONAL });
    const user = rig.gitlab.addUser();
    for (const value of ['one', 'two']) {
      rig.gitlab.createPersonalToken({ user, scopes: ['self_rotate', 'read_user'], value });
    }

    await meet(rig);

    expect(statuses(rig)).toEqual([200, 200]);
    await finish(rig);
    expect(activeIds(rig)).toEqual([rig.firstTokenId, ...idsIn(rig, 'AWSCURRENT')]);
    expect(rig.gitlab.isActive('one')).toBe(true);
  });
});

describe.each(['one token, recovery', 'two tokens, recovery'] as const)(
  'two runs that recover a lost successor at once, with %s',
  (name) => {
    it.each([
      ['both get an active token', meetBeforeCommit, [200, 200, 200]],
      ['the second is told that it is too late', meetBeforeReread, [200, 200, 400]],
    ] as const)('leave no orphan: %s', async (_row, meet, answers) => {
      await using rig = await SETUPS[name]();
      await loseSuccessor(rig);

      await meet(rig);

      expect(statuses(rig)).toEqual(answers);
      await finish(rig);
      expect(activeIds(rig, rig.credential)).toEqual(idsIn(rig, 'AWSCURRENT'));
      expect(rig.notices.map(({ code }) => code)).toContain('HEALED');
    });
  },
);
