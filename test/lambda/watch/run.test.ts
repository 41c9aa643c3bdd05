import { describe, expect, it } from 'vitest';
import { RotationError } from '../../../lambda/failure.ts';
import type { Probe } from '../../../lambda/ports/access-tokens.ts';
import {
  ROTATE_AND_STORE_MS,
  WATCH_DOUBT_MS,
  WATCH_RESERVE_MS,
} from '../../../lambda/time/timing.ts';
import type { Report } from '../../../lambda/watch/run.ts';
import {
  active,
  arnOf,
  CURRENT,
  codes,
  DEAD,
  type FakeProps,
  type FakeSecret,
  fakeWatch,
  mail,
  PENDING,
  PREVIOUS,
  ROTATING,
} from './watch-fakes.ts';

const SILENT: Probe = { kind: 'unreachable', reason: 'ETIMEDOUT' };
const PAIR = '{"token":"first","standby":{"token":"second"}}';
/** A secret that each look finds in the next of these states, and from then on in the last. */
function changing(...looks: NonNullable<FakeSecret['description']>[]): FakeSecret {
  return {
    get description() {
      return (looks.length > 1 ? looks.shift() : looks[0]) ?? {};
    },
  };
}

describe('a dead token', () => {
  it('looks at a dead token once more, since a rotation may be under way', async () => {
    const fake = fakeWatch({
      secrets: { app: ROTATING },
      probes: { old: [DEAD, active('12')] },
    });

    const report = await fake.watch({ secrets: ['app'] });

    expect(codes(report)).toEqual(['ROTATION_STUCK']);
    expect(fake.elapsedMs()).toBe(60_000);
  });

  it('looks at it twice at once where no rotation is under way', async () => {
    const fake = fakeWatch({ probes: { token: [DEAD] } });

    expect(codes(await fake.watch({ secrets: ['app'] }))).toEqual(['REVOKED']);
    expect(fake.asked).toEqual(['token', 'token']);
    expect(fake.elapsedMs()).toBe(0);
  });

  it('keeps to what it saw where its second look shows nothing', async () => {
    const silent: Probe = { kind: 'unreachable', reason: 'ETIMEDOUT' };
    const fake = fakeWatch({ probes: { token: [DEAD, silent] } });
    const away = new RotationError('STORE_UNAVAILABLE', 'no');
    const values = [{ [CURRENT]: 'token' }, { [CURRENT]: away }];
    const app: FakeSecret = {
      get values() {
        return values.shift() ?? {};
      },
    };
    const other = fakeWatch({ secrets: { app }, probes: { token: [DEAD] } });

    expect(codes(await fake.watch({ secrets: ['app'] }))).toEqual(['REVOKED']);
    expect(codes(await other.watch({ secrets: ['app'] }))).toEqual(['REVOKED']);
  });

  it('waits for a rotation that has begun before its second look', async () => {
    const atRest = { stages: { [CURRENT]: ['AWSCURRENT'] } };
    const looks = [atRest, ROTATING.description, atRest];
    const app: FakeSecret = {
      ...ROTATING,
      get description() {
        return looks.shift() ?? atRest;
      },
    };
    const fake = fakeWatch({ secrets: { app }, probes: { old: [DEAD, DEAD, active('12')] } });

    expect(codes(await fake.watch({ secrets: ['app'] }))).toEqual([]);
    expect(fake.elapsedMs()).toBe(60_000);
  });

  it('does not wait for that where AWS has said that the rotation is over, or no time is left', async () => {
    const verdict = {
      'detail-type': 'AWS Service Event via CloudTrail',
      detail: {
        eventName: 'RotationFailed',
        eventTime: '2030-01-10T05:59:00Z',
        additionalEventData: { SecretId: arnOf('app') },
      },
    };
    const props: FakeProps = { secrets: { app: ROTATING }, probes: { old: [DEAD, active('12')] } };
    const [told, late] = [fakeWatch(props), fakeWatch({ ...props, timeoutMs: 90_000 })];

    const report = await told.watch(verdict);
    await late.watch({ secrets: ['app'] });

    expect([told.elapsedMs(), late.elapsedMs()]).toEqual([0, 0]);
    expect(codes(report)).toEqual(['ROTATION_FAILED', 'REVOKED', 'ROTATION_STUCK']);
    expect(mail(told)).toContain(`${PENDING} (token: active)`);
  });

  it('is not what counts where another version has become current, whatever is known of that', async () => {
    const app = changing(
      { stages: { [CURRENT]: ['AWSCURRENT'] } },
      { stages: { [PENDING]: ['AWSCURRENT'], [CURRENT]: ['AWSPREVIOUS'] } },
    );
    const fake = fakeWatch({ secrets: { app }, probes: { token: [DEAD, SILENT] } });

    expect(codes(await fake.watch({ secrets: ['app'] }))).toEqual(['NOT_CHECKED']);
  });

  it('stays what was seen where the secret cannot be read again', async () => {
    const app = changing({}, new RotationError('STORE_UNAVAILABLE', 'no'));
    const fake = fakeWatch({ secrets: { app }, probes: { token: [DEAD] } });

    expect(codes(await fake.watch({ secrets: ['app'] }))).toEqual(['REVOKED']);
  });

  it('is looked at again where just enough time is left', async () => {
    const enoughMs = WATCH_DOUBT_MS + 2 * WATCH_RESERVE_MS;
    const props: FakeProps = { secrets: { app: ROTATING }, probes: { old: [DEAD] } };
    const [enough, less] = [enoughMs, enoughMs - 1].map((timeoutMs) =>
      fakeWatch({ ...props, timeoutMs }),
    );

    await enough?.watch({ secrets: ['app'] });
    await less?.watch({ secrets: ['app'] });

    expect([enough?.elapsedMs(), less?.elapsedMs()]).toEqual([WATCH_DOUBT_MS, 0]);
  });
});

describe('the report of a run', () => {
  it('says with what AWS reports what it found, and nothing of the recovery credential', async () => {
    const fake = fakeWatch({ recovery: true });

    const report = await fake.watch({
      'detail-type': 'AWS Service Event via CloudTrail',
      detail: {
        eventName: 'RotationFailed',
        eventTime: '2030-01-10T05:59:00Z',
        additionalEventData: { SecretId: arnOf('app') },
      },
    });

    expect(Object.keys(report)).toEqual(['checkedAt', 'secrets', 'verdict']);
    expect(report.verdict).toEqual({
      eventName: 'RotationFailed',
      eventTime: '2030-01-10T05:59:00Z',
    });
  });

  it.each<[string, FakeProps]>([
    ['where no time is left', { timeoutMs: WATCH_RESERVE_MS }],
    ['where the look fails', { secrets: { app: { values: { [CURRENT]: 'broken' } } } }],
    [
      'where the secret cannot be read in time',
      {
        secrets: { app: { description: new RotationError('STORE_UNAVAILABLE', 'no answer') } },
        readMs: 50_000,
        timeoutMs: 60_000,
      },
    ],
  ])('says what AWS reports, %s', async (_where, props) => {
    const fake = fakeWatch(props);

    const report = await fake.watch({
      'detail-type': 'AWS Service Event via CloudTrail',
      detail: {
        eventName: 'RotationFailed',
        eventTime: '2030-01-10T05:59:00Z',
        additionalEventData: { SecretId: arnOf('app') },
      },
    });

    expect(codes(report)).toEqual(['ROTATION_FAILED', 'NOT_CHECKED']);
    expect(mail(fake)).toContain('RotationFailed, 2030-01-10T05:59:00Z');
  });

  it('has no more than its name and ARN of a secret for which no time was left', async () => {
    const fake = fakeWatch({ secrets: { app: {}, other: {} }, timeoutMs: WATCH_RESERVE_MS });

    const { secrets } = await fake.watch({ secrets: ['app', arnOf('other')] });

    const findings = [
      { code: 'NOT_CHECKED', risk: 'unknown', details: { reason: 'NO_TIME_LEFT' } },
    ];
    expect(secrets).toStrictEqual([
      { name: 'app', labels: {}, tokens: {}, findings },
      { name: 'other', arn: arnOf('other'), labels: {}, tokens: {}, findings },
    ]);
    expect(fake.asked).toEqual([]);
  });

  it.each<[string, FakeSecret, Report['secrets'][number]['tokens']]>([
    [
      'of AWSPREVIOUS only where the current one is dead',
      {
        description: { stages: { [CURRENT]: ['AWSCURRENT'], [PREVIOUS]: ['AWSPREVIOUS'] } },
        values: { [CURRENT]: 'token', [PREVIOUS]: 'before' },
      },
      { [CURRENT]: 'active' },
    ],
    [
      'once where a version has two labels',
      {
        description: { stages: { [CURRENT]: ['AWSCURRENT', 'AWSPENDING'] } },
        createdAt: new Date('2030-01-08T05:00:00Z'),
      },
      { [CURRENT]: 'active' },
    ],
    [
      'of none where the value cannot be read',
      { values: { [CURRENT]: new RotationError('STORE_DENIED', 'no') } },
      {},
    ],
    ['of none where no version is current any more', { description: { stages: {} } }, {}],
  ])('says whether a token is active: %s', async (_what, app, tokens) => {
    const fake = fakeWatch({ secrets: { app } });

    const { secrets } = await fake.watch({ secrets: ['app'] });

    expect(secrets[0]?.tokens).toEqual(tokens);
    expect(secrets[0]?.findings.map(({ code }) => code)).not.toContain('ROTATION_STUCK');
  });

  it('ends in time, and says which secrets it did not reach', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `app-${index}`);
    const fake = fakeWatch({
      secrets: Object.fromEntries(names.map((name) => [name, {}])),
      timeoutMs: 60_000,
      probeMs: 4000,
      recovery: true,
    });

    const report = await fake.watch({ secrets: names.map(arnOf) });

    const reasons = report.secrets.map(({ findings }) => findings[0]?.details['reason']);
    expect(reasons.filter((reason) => reason === 'NO_TIME_LEFT').length).toBeGreaterThan(20);
    expect(report.secrets).toHaveLength(40);
    expect(report.recovery?.findings).toMatchObject([{ code: 'NOT_CHECKED' }]);
    expect(fake.published).toHaveLength(1);
  });

  it.each([
    [0, 'STORE_UNAVAILABLE'],
    [50_000, 'NO_TIME_LEFT'],
  ])('says why it could not read a secret: after %i ms %s', async (readMs, reason) => {
    const description = new RotationError('STORE_UNAVAILABLE', 'no answer');
    const fake = fakeWatch({ secrets: { app: { description } }, readMs, timeoutMs: 60_000 });

    const { secrets } = await fake.watch({ secrets: ['app'] });

    expect(secrets[0]?.findings).toMatchObject([{ code: 'NOT_CHECKED', details: { reason } }]);
  });
});

describe('two tokens', () => {
  it('are not compared where GitLab does not speak of the current one', async () => {
    const secrets = { pair: { values: { [CURRENT]: PAIR } } };
    const fake = fakeWatch({ secrets, probes: { first: [SILENT] } });

    const { secrets: seen } = await fake.watch({ secrets: ['pair'] });

    expect(seen[0]?.findings).toMatchObject([
      { code: 'NOT_CHECKED', details: { reason: 'ETIMEDOUT', token: 'current' } },
    ]);
    expect(seen[0]?.standbyToken).toBe('active');
    expect(fake.compared).toEqual([]);
  });

  it('are compared only where the time for that is left', async () => {
    const secrets = { pair: { values: { [CURRENT]: PAIR } } };
    const tooLittleMs = ROTATE_AND_STORE_MS + WATCH_RESERVE_MS;
    const [late, early] = [tooLittleMs, tooLittleMs + 1].map((timeoutMs) =>
      fakeWatch({ secrets, timeoutMs }),
    );

    await late?.watch({ secrets: ['pair'] });
    await early?.watch({ secrets: ['pair'] });

    expect([late?.compared, early?.compared]).toEqual([[], ['first', 'second']]);
  });

  it('differ in what consumers would notice, and that is said', async () => {
    const fake = fakeWatch({
      secrets: { pair: { values: { [CURRENT]: PAIR } } },
      probes: { second: [active('2', { scopes: ['api'] })] },
    });

    const { secrets } = await fake.watch({ secrets: ['pair'] });

    expect(secrets[0]?.findings[0]).toMatchObject({
      code: 'STANDBY_DIFFERS',
      details: { difference: 'scopes', scopes: 'self_rotate', standbyScopes: 'api' },
    });
  });
});
