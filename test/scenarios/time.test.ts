import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../rig/function/rig.ts';
import { json } from '../rig/scripted/scripted-gitlab.ts';
import { bothSides, ROTATED, runAllSteps, UNTOUCHED } from './both-sides.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Puts our clock ahead of everybody else's, or behind. */
function setOurClock(rig: Rig, aheadMs: number): void {
  const { now } = rig.clock;
  rig.clock.now = () => new Date(now().getTime() + aheadMs);
}

function expiryOfSuccessor({ gitlab }: Rig): string | null | undefined {
  return gitlab.tokens.at(-1)?.expiresAt;
}

describe('when our clock and GitLab’s differ', () => {
  it.each([-14, -5, -1, 1, 5, 14])('by %i hours, the rotation goes through', async (hours) => {
    await using rig = await startRig({ settings: { lifetimeDays: 90 } });
    setOurClock(rig, hours * HOUR_MS);

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
    expect(rig.notices).toEqual([]);
  });

  it.each([-23, 23])('by %i hours, the shortest lifetime is still one', async (hours) => {
    await using rig = await startRig({
      settings: { lifetimeDays: 2 },
      startsAt: new Date('2026-11-24T12:00:00Z'),
    });
    setOurClock(rig, hours * HOUR_MS);

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
  });

  it('takes GitLab’s date where the longest lifetime is a day too long for its clock', async () => {
    await using rig = await startRig({
      settings: { lifetimeDays: 365 },
      startsAt: new Date('2026-11-24T20:00:00Z'),
    });
    setOurClock(rig, 5 * HOUR_MS);

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual({ ...ROTATED, rotateRequests: [400, 200] });
    expect(expiryOfSuccessor(rig)).toBe('2027-11-24');
  });

  it('by more than a token lives, it refuses the successor, which is expired at once', async () => {
    await using rig = await startRig();
    setOurClock(rig, -365 * DAY_MS);

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { reason: 'expired' },
    });

    expect(rig.value('AWSCURRENT')?.token).toBe('first');
  });

  it.each([
    ['ahead', 5, 'GITLAB_RATE_LIMITED', UNTOUCHED.current],
    ['behind', -5, undefined, ROTATED.current],
  ])(
    'by hours that GitLab is %s, a date in Retry-After does no harm',
    async (_what, hours, code, current) => {
      await using rig = await startRig();
      const pause = new Date(Date.now() + hours * HOUR_MS + 10_000).toUTCString();
      const answer = { status: 429, headers: { 'retry-after': pause }, body: 'Retry later\n' };
      const effect = { kind: 'answer', answer } as const;
      rig.gitlab.faults.add({ operation: 'rotate', at: 'before', effect });

      const failure: unknown = await runAllSteps(rig).catch((error: unknown) => error);

      expect(failure).toEqual(code && expect.objectContaining({ code }));
      expect(bothSides(rig)).toMatchObject({ current, deadTokens: 0 });
    },
  );

  it('stores a successor that is born dead because GitLab tells no time, and refuses it', async () => {
    await using rig = await startRig();
    setOurClock(rig, -365 * DAY_MS);
    const body = { id: rig.firstTokenId, scopes: ['self_rotate'], expires_at: null };
    const answer = json(200, body, { date: 'none' });
    const effect = { kind: 'answer', answer } as const;
    rig.gitlab.faults.add({ operation: 'probe', at: 'before', times: 2, effect });

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { reason: 'expired' },
    });

    expect(bothSides(rig)).toEqual({
      current: { token: 'first', active: false },
      pending: { token: 'successor-1', active: false },
      rotateRequests: [200],
      deadTokens: 0,
    });
  });

  it('by a year that ours is ahead, it asks for nothing that it takes for dead', async () => {
    await using rig = await startRig();
    setOurClock(rig, 366 * DAY_MS);

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'request-invalid' },
    });

    expect(bothSides(rig)).toEqual({ ...UNTOUCHED, rotateRequests: [400] });
  });
});

describe('around midnight UTC', () => {
  it('gives a successor that is issued a day later than asked its one day', async () => {
    await using rig = await startRig({
      settings: { lifetimeDays: 2 },
      startsAt: new Date('2026-11-24T23:59:59.900Z'),
    });
    rig.gitlab.faults.add({
      operation: 'rotate',
      at: 'before',
      effect: { kind: 'run', run: () => rig.clock.advance(20_000) },
    });

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
    expect(expiryOfSuccessor(rig)).toBe('2026-11-26');
    rig.clock.advance(DAY_MS - 30_000);
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it('does not take a date that may be today by the time that GitLab issues the token', async () => {
    await using rig = await startRig({ startsAt: new Date('2026-11-24T23:59:30Z') });
    rig.gitlab.settings.secondMaxDays = 1;

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'request-invalid', expiresAt: '2027-02-22' },
    });

    expect(bothSides(rig)).toEqual({ ...UNTOUCHED, rotateRequests: [400] });
  });
});

describe('around 29 February', () => {
  it.each([
    ['2028-02-29T12:00:00Z', 365, '2029-02-28'],
    ['2028-02-29T23:59:59Z', 2, '2028-03-02'],
    ['2028-02-28T00:00:00Z', 2, '2028-03-01'],
    ['2027-03-01T00:00:00Z', 365, '2028-02-29'],
  ])('at %s, %i days make a date that GitLab accepts: %s', async (now, lifetimeDays, expiresAt) => {
    await using rig = await startRig({ settings: { lifetimeDays }, startsAt: new Date(now) });

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
    expect(expiryOfSuccessor(rig)).toBe(expiresAt);
  });

  it('reads that day where GitLab names it as the farthest', async () => {
    await using rig = await startRig({
      settings: { lifetimeDays: 400 },
      startsAt: new Date('2027-03-01T10:00:00Z'),
    });

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual({ ...ROTATED, rotateRequests: [400, 200] });
    expect(expiryOfSuccessor(rig)).toBe('2028-02-29');
  });
});

describe('where tokens may live for one day', () => {
  it.each([1, 30])(
    'rotates all the same, and tells that the token will not see a rotation in %i days',
    async (AutomaticallyAfterDays) => {
      await using rig = await startRig({
        startsAt: new Date('2026-11-24T10:00:00Z'),
        rotationRules: { AutomaticallyAfterDays },
      });
      rig.gitlab.settings.secondMaxDays = 1;

      await runAllSteps(rig);

      expect(bothSides(rig)).toEqual({ ...ROTATED, rotateRequests: [400, 200] });
      expect(rig.notices).toMatchObject([
        { code: 'EXPIRES_TOO_SOON', details: { expiresAt: '2026-11-25' } },
      ]);
      rig.clock.advance(14 * HOUR_MS);
      expect(rig.gitlab.isActive('successor-1')).toBe(false);
    },
  );

  it('sends no date that is today in UTC, although it is GitLab’s tomorrow', async () => {
    await using rig = await startRig({ startsAt: new Date('2026-11-24T05:00:00Z') });
    Object.assign(rig.gitlab.settings, { secondMaxDays: 1, timeZone: 'Pacific/Pago_Pago' });

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'ROTATION_REFUSED' });

    expect(bothSides(rig)).toEqual({ ...UNTOUCHED, rotateRequests: [400] });
  });
});

describe('where tokens need not expire', () => {
  async function startEternal(): Promise<Rig> {
    const rig = await startRig({ secretString: () => 'eternal', settings: { lifetimeDays: 400 } });
    const { gitlab, project: resource } = rig;
    gitlab.settings.requireExpiry = false;
    gitlab.createAccessToken({
      resource,
      scopes: ['self_rotate'],
      value: 'eternal',
      expiresAt: null,
    });
    return rig;
  }

  it('gives the successor the lifetime that was asked for, whatever it is', async () => {
    await using rig = await startEternal();

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
    const expected = new Date(rig.clock.now().getTime() + 400 * DAY_MS);
    expect(expiryOfSuccessor(rig)).toBe(expected.toISOString().slice(0, 10));
    expect(rig.notices).toEqual([]);
  });

  it('passes the dry run with a token that never expires', async () => {
    await using rig = await startEternal();

    await rig.dryRun();

    expect(bothSides(rig)).toEqual({ ...UNTOUCHED, current: { token: 'eternal', active: true } });
  });
});

describe('where TOKEN_LIFETIME_DAYS is shorter than the schedule', () => {
  it('rotates and tells, and presents no dead token when the day comes', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 20 } });
    await runAllSteps(rig);
    expect(rig.notices).toMatchObject([{ code: 'EXPIRES_TOO_SOON' }]);

    rig.clock.advance(30 * DAY_MS);
    const versionId = await openNextRotation(rig);
    const next = rig.run('createSecret', { secretId: rig.secretId, versionId });

    await expect(next).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason: 'expired' },
    });
    expect(bothSides(rig)).toEqual({
      current: { token: 'successor-1', active: false },
      rotateRequests: [200],
      deadTokens: 0,
    });
  });
});

/** Lets Secrets Manager stage the version of another rotation. */
async function openNextRotation({ client, secretsManager, secretId }: Rig): Promise<string> {
  await client.send(new RotateSecretCommand({ SecretId: secretId }));
  await secretsManager.rotationEnded(secretId);
  const { versions } = secretsManager.snapshot(secretId);
  return versions.find(({ labels }) => labels.includes('AWSPENDING'))?.versionId ?? 'none';
}
