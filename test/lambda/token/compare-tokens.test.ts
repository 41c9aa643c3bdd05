import { describe, expect, it } from 'vitest';
import type { Memberships, MembershipsAnswer } from '../../../lambda/ports/access-tokens.ts';
import { areActive, startAlternatingRig } from '../../rig/function/alternating-rig.ts';
import type { Rig } from '../../rig/function/rig.ts';

/** What GitLab tells of the two tokens' reach. Returns how long each question may take. */
function reaching(rig: Rig, reaches: Readonly<Record<string, Memberships | undefined>>): number[] {
  const timeouts: number[] = [];
  rig.services.tokens.memberships = async (token, timeoutMs) => {
    timeouts.push(timeoutMs);
    const reach = reaches[token];
    return reach === undefined
      ? { kind: 'untold' }
      : { kind: 'told', pages: [reach], isWhole: true };
  };
  return timeouts;
}

/** What the log says where the two are rotated without the look: what came of each question. */
const notComparedFor = (...answers: readonly string[]) => ({
  message: 'not compared: what the current token and the standby can reach',
  details: expect.objectContaining({ answers }),
});
const APP = { 'project 1': '40' };

describe('a standby that could not take the place of the current token', () => {
  it('is not rotated where its scopes are others', async () => {
    await using rig = await startAlternatingRig({
      scopes: ['self_rotate', 'read_api'],
      standbyScopes: ['write_repository', 'self_rotate'],
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      message: 'ROTATION_REFUSED: the standby token cannot take the place of the current token',
      details: {
        status: 200,
        refusal: 'standby-differs',
        difference: 'scopes',
        scopes: 'read_api self_rotate',
        standbyScopes: 'self_rotate write_repository',
      },
    });

    expect(rig.gitlab.rotateRequests).toEqual([]);
    expect(areActive(rig, 'first', 'standby')).toEqual({ first: true, standby: true });
  });

  it.each([
    [
      'is of another project',
      { 'project 2': '40' },
      { difference: 'projects', reach: ['project 1'], standbyReach: ['project 2'] },
    ],
    [
      'reaches a group more',
      { 'group 7': '10', ...APP },
      { difference: 'projects', reach: ['project 1'], standbyReach: ['group 7', 'project 1'] },
    ],
    [
      'has another role',
      { 'project 1': '30' },
      { difference: 'role', role: '40', standbyRole: '30' },
    ],
  ])('is not rotated where it %s', async (_what, standby, details) => {
    await using rig = await startAlternatingRig();
    reaching(rig, { first: APP, standby });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'standby-differs', ...details },
    });

    expect(rig.gitlab.rotateRequests).toEqual([]);
    expect(rig.value('AWSPENDING')).toBeUndefined();
  });

  it('is told with its role in each, where it reaches several', async () => {
    await using rig = await startAlternatingRig();
    const group = { 'group 7': '10' };
    reaching(rig, {
      first: { ...group, ...APP },
      standby: { ...group, 'project 1': '30' },
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      details: { difference: 'role', role: '10 40', standbyRole: '10 30' },
    });
  });
});

describe('tokens that reach more than a page of GitLab holds', () => {
  /** What GitLab tells of the two, page by page. */
  function paging(
    rig: Rig,
    told: Readonly<Record<string, readonly [Memberships[], boolean]>>,
  ): void {
    rig.services.tokens.memberships = async (token) => {
      const [pages, isWhole] = told[token] ?? [[], false];
      return { kind: 'told', pages, isWhole };
    };
  }
  const OTHER = { 'project 2': '40' };

  it.each<[string, readonly [Memberships[], boolean], readonly [Memberships[], boolean]]>([
    ['differ on a later page', [[APP, OTHER], true], [[APP, { 'project 3': '40' }], true]],
    ['differ by a page', [[APP], true], [[APP, OTHER], true]],
    ['differ by a page, of which the end is unknown', [[APP], true], [[APP, OTHER], false]],
    ['differ in what is known of both', [[OTHER], false], [[APP, OTHER], true]],
  ])('are not rotated where they %s', async (_what, first, standby) => {
    await using rig = await startAlternatingRig();
    paging(rig, { first, standby });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      details: { refusal: 'standby-differs', difference: 'projects' },
    });
  });

  it.each<[string, readonly [Memberships[], boolean], readonly [Memberships[], boolean], boolean]>([
    ['are the same', [[APP, OTHER], true], [[APP, OTHER], true], false],
    ['are the same in other pages', [[{ ...APP, ...OTHER }], true], [[OTHER, APP], true], false],
    ['are the same as far as is known', [[APP], false], [[APP, OTHER], true], true],
    ['are the same as far as both go', [[APP, OTHER], false], [[APP], false], true],
  ])('are rotated where they %s', async (_what, first, standby, isPartial) => {
    await using rig = await startAlternatingRig();
    paging(rig, { first, standby });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
    const said = rig.log.filter(({ message }) => message.startsWith('compared in part'));
    expect(said).toHaveLength(isPartial ? 1 : 0);
  });
});

describe('a GitLab that does not tell just now what the two can reach', () => {
  const TRANSIENT: readonly MembershipsAnswer[] = [
    { kind: 'unreachable' },
    { kind: 'rate-limited', retryAfterMs: 2_000 },
  ];

  it.each(TRANSIENT)('is asked again, and what it tells then is heeded: $kind', async (answer) => {
    await using rig = await startAlternatingRig();
    const others = { first: APP, standby: { 'project 2': '40' } };
    const timeouts = reaching(rig, others);
    const { memberships } = rig.services.tokens;
    let count = 0;
    rig.services.tokens.memberships = async (...args) => {
      count += 1;
      return count > 2 ? memberships(...args) : answer;
    };

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      details: { refusal: 'standby-differs', difference: 'projects' },
    });

    expect(rig.gitlab.rotateRequests).toEqual([]);
    expect(timeouts).toEqual([5_000, 5_000]);
  });

  it('is asked as long as the rotation still has its time after that, which then goes on', async () => {
    await using rig = await startAlternatingRig();
    const startedAt = rig.clock.now().getTime();
    const askedAfterMs: number[] = [];
    rig.services.tokens.memberships = async () => {
      askedAfterMs.push(rig.clock.now().getTime() - startedAt);
      return { kind: 'unreachable' };
    };

    await rig.run('createSecret');

    expect(Math.max(...askedAfterMs)).toBe(10_000);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
    expect(rig.log).toContainEqual(notComparedFor('unreachable', 'unreachable'));
  });
});

describe('a standby of which nothing speaks against it', () => {
  it('may have its scopes in another order', async () => {
    await using rig = await startAlternatingRig({
      scopes: ['self_rotate', 'read_api'],
      standbyScopes: ['read_api', 'self_rotate'],
    });
    reaching(rig, { first: APP, standby: APP });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it.each([
    ['of the current token', { standby: APP }, ['untold', 'told']],
    ['of the standby', { first: APP }, ['told', 'untold']],
  ])('is rotated where GitLab does not tell the reach %s', async (_which, reaches, answers) => {
    await using rig = await startAlternatingRig();
    const timeouts = reaching(rig, reaches);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
    expect(timeouts).toEqual([5_000, 5_000]);
    expect(rig.log).toContainEqual(notComparedFor(...answers));
  });

  it.each([
    [37_000, [2_000, 2_000], []],
    [35_000, [], [notComparedFor('no-time', 'no-time')]],
  ])(
    'with %i ms left does not let the look take the time to rotate',
    async (leftMs, asked, said) => {
      await using rig = await startAlternatingRig();
      rig.clock.timeoutMs = leftMs;
      const timeouts = reaching(rig, { first: APP, standby: APP });

      await rig.run('createSecret');

      expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
      expect(timeouts).toEqual(asked);
      expect(rig.log.filter(({ message }) => message.startsWith('not compared'))).toEqual(said);
    },
  );

  it('is not compared with a current token that is dead', async () => {
    await using rig = await startAlternatingRig({ standbyScopes: ['self_rotate', 'read_api'] });
    reaching(rig, { first: APP, standby: { 'project 2': '40' } });
    rig.gitlab.revoke(rig.firstTokenId);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });
});
