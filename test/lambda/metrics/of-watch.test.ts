import { describe, expect, it } from 'vitest';
import { active, arnOf, CURRENT, DEAD, type FakeProps, fakeWatch } from '../watch/watch-fakes.ts';

const PAIR = '{"token":"first","standby":{"token":"second"}}';

/** The metrics and dimensions of the lines of one run, but for the name of the function. */
async function measuredBy(props: FakeProps, event: object) {
  const fake = fakeWatch(props);
  await fake.watch(event);
  expect(fake.measured.every((line) => line['FunctionName'] === 'gitlab-token-watch')).toBe(true);
  return fake.measured.map(({ _aws, FunctionName, ...members }) => members);
}

describe('the metrics of a run of the watch', () => {
  it('say that nothing was found, and when each token expires', async () => {
    const probes = {
      token: [active('1', { expiresAt: '2030-01-11' })],
      first: [active('2', { expiresAt: '2030-12-31' })],
      second: [active('3', { expiresAt: '2030-06-30' })],
      ever: [active('4', { expiresAt: null })],
    };
    const secrets = {
      pair: { values: { [CURRENT]: PAIR } },
      ever: { values: { [CURRENT]: 'ever' } },
    };

    expect(
      await measuredBy({ secrets, probes }, { secrets: ['pair', 'ever'], daily: true }),
    ).toEqual([
      { SecretName: 'pair', Token: 'current', DaysToExpiry: 355 },
      { SecretName: 'pair', Token: 'standby', DaysToExpiry: 171 },
      { SecretsWithFindings: 0 },
    ]);
  });

  it('count secrets and codes, and have no days left for a token that is dead', async () => {
    const props = {
      secrets: {
        one: { values: { [CURRENT]: 'bad' } },
        two: { values: { [CURRENT]: 'late' } },
        pair: { values: { [CURRENT]: PAIR } },
        gone: { values: { [CURRENT]: '{"password":"x"}' } },
      },
      probes: {
        bad: [DEAD],
        late: [{ kind: 'dead', reason: 'expired' } as const],
        first: [DEAD],
        second: [DEAD],
      },
    };

    const measured = await measuredBy(props, { secrets: Object.keys(props.secrets), daily: true });

    expect(measured).toEqual([
      { Code: 'REVOKED', Findings: 2 },
      { Code: 'STANDBY_DEAD', Findings: 1 },
      { Code: 'EXPIRED', Findings: 1 },
      { Code: 'SECRET_MALFORMED', Findings: 1 },
      { SecretName: 'one', Token: 'current', DaysToExpiry: 0 },
      { SecretName: 'pair', Token: 'current', DaysToExpiry: 0 },
      { SecretName: 'pair', Token: 'standby', DaysToExpiry: 0 },
      { SecretName: 'two', Token: 'current', DaysToExpiry: 0 },
      { SecretsWithFindings: 4 },
    ]);
  });

  it('have the recovery credential, as a secret with findings too', async () => {
    const secrets = { app: {}, recovery: { values: { [CURRENT]: 'recovery' } } };
    const recovery = [active('9', { scopes: ['api'], expiresAt: '2030-01-12' })];

    const measured = await measuredBy(
      { secrets, recovery: true, probes: { recovery } },
      { secrets: [arnOf('app')], daily: true },
    );

    expect(measured).toEqual([
      { Code: 'RECOVERY_EXPIRES_SOON', Findings: 1 },
      { SecretName: 'app', Token: 'current', DaysToExpiry: 355 },
      { SecretName: 'recovery', Token: 'recovery', DaysToExpiry: 2 },
      { SecretsWithFindings: 1 },
    ]);
  });

  it.each([
    ['no days left where it is dead', DEAD, [0]],
    ['none where GitLab does not answer', { kind: 'unreachable', reason: 'ETIMEDOUT' }, []],
    [
      'its days where nothing is found',
      active('9', { scopes: ['api'], expiresAt: '2030-12-31' }),
      [355],
    ],
  ] as const)('have of the recovery credential %s', async (_what, probe, days) => {
    const secrets = { app: {}, recovery: { values: { [CURRENT]: 'recovery' } } };

    const measured = await measuredBy(
      { secrets, recovery: true, probes: { recovery: [probe] } },
      { secrets: ['app'], daily: true },
    );

    const ofRecovery = measured.filter(({ Token }) => Token === 'recovery');
    expect(ofRecovery.map(({ DaysToExpiry }) => DaysToExpiry)).toEqual(days);
  });

  it('are written only by the daily run over all secrets', async () => {
    const verdict = {
      'detail-type': 'AWS Service Event via CloudTrail',
      detail: {
        eventName: 'RotationFailed',
        eventTime: '2030-01-10T05:00:00Z',
        additionalEventData: { SecretId: arnOf('app') },
      },
    };

    // As a person asks by the runbook, "Watch one secret", and npm run status.
    expect(await measuredBy({}, { secrets: ['app'] })).toEqual([]);
    expect(await measuredBy({}, { secrets: ['app'], quiet: true })).toEqual([]);
    expect(await measuredBy({}, verdict)).toEqual([]);
    expect(await measuredBy({}, { secrets: ['app'], daily: true })).not.toEqual([]);
  });

  it('are there also where nobody takes the message, but for that of the end of the run', async () => {
    const failures = { publish: () => Promise.reject(new TypeError('refused')) };
    const fake = fakeWatch({ probes: { token: [DEAD] }, deps: { failures } });

    await fake.watch({ secrets: ['app'], daily: true }).catch(() => undefined);

    expect(fake.measured).toMatchObject([{ Code: 'REVOKED', Findings: 1 }, { DaysToExpiry: 0 }]);
  });

  it('leave the run as it is where they cannot be written', async () => {
    const metrics = () => {
      throw new TypeError('closed');
    };
    const fake = fakeWatch({ probes: { token: [DEAD] }, deps: { metrics } });

    await expect(fake.watch({ secrets: ['app'], daily: true })).resolves.toHaveProperty('secrets');
    expect(fake.published).toHaveLength(1);
    expect(fake.logged).toContain('metrics not written {"error":"TypeError"}');
  });
});
