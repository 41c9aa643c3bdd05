import { describe, expect, it } from 'vitest';
import { RotationError } from '../../../lambda/failure.ts';
import type { Probe } from '../../../lambda/ports/access-tokens.ts';
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
  NOW,
  PENDING,
  PREVIOUS,
  ROTATING,
} from './watch-fakes.ts';

const PAIR = '{"token":"first","tokenId":"1","standby":{"token":"second","tokenId":"2"}}';
describe('the watch', () => {
  it('returns what it saw, and sends nothing where all is well', async () => {
    const fake = fakeWatch({ secrets: { pair: { values: { [CURRENT]: PAIR } } } });

    const report = await fake.watch({ secrets: [arnOf('pair')] });

    expect(report).toEqual({
      checkedAt: '2030-01-10T06:00:00.000Z',
      secrets: [
        {
          name: 'pair',
          arn: arnOf('pair'),
          current: { tokenId: '12', expiresAt: '2030-12-31' },
          standby: { tokenId: '12', expiresAt: '2030-12-31' },
          standbyToken: 'active',
          lastRotated: '2030-01-01T00:00:00.000Z',
          nextRotation: '2030-02-01T23:59:59.000Z',
          labels: { [CURRENT]: ['AWSCURRENT'] },
          tokens: { [CURRENT]: 'active' },
          findings: [{ code: 'TOKEN_ID_DIFFERS', risk: 'none', details: expect.anything() }],
        },
      ],
    });
  });

  it('says of a standby whether it is active, also where GitLab says no more of it', async () => {
    const silent: Probe = { kind: 'unreachable', reason: 'ETIMEDOUT' };
    const values = (standby: string) => ({
      [CURRENT]: JSON.stringify({ token: 'first', standby: { token: standby } }),
    });
    const fake = fakeWatch({
      secrets: {
        one: { values: { [CURRENT]: 'first' } },
        'pair-dead': { values: values('bad') },
        'pair-silent': { values: values('quiet') },
      },
      probes: { bad: [DEAD], quiet: [silent] },
    });

    const { secrets } = await fake.watch({ secrets: ['one', 'pair-dead', 'pair-silent'] });

    expect(Object.fromEntries(secrets.map((each) => [each.name, each.standbyToken]))).toEqual({
      one: undefined,
      'pair-dead': 'dead',
      'pair-silent': 'not-checked',
    });
    expect(secrets.some((each) => each.standby)).toBe(false);
  });

  it('has a secret by its name where nothing tells the ARN', async () => {
    const { secrets } = await fakeWatch().watch({ secrets: ['app'] });

    expect(secrets).toMatchObject([{ name: 'app', findings: [] }]);
    expect(secrets[0]).not.toHaveProperty('arn');
  });

  it('finds the active token that somebody has put another over', async () => {
    const stages = { [CURRENT]: ['AWSCURRENT'], [PREVIOUS]: ['AWSPREVIOUS'] };
    const fake = fakeWatch({
      secrets: {
        app: { description: { stages }, values: { [CURRENT]: 'bad', [PREVIOUS]: 'good' } },
      },
      probes: { bad: [DEAD] },
    });

    const { secrets } = await fake.watch({ secrets: [arnOf('app')] });

    expect(secrets[0]?.findings[0]?.details).toMatchObject({ salvageVersionId: PREVIOUS });
    expect(mail(fake)).toContain(`--move-to-version-id ${PREVIOUS}`);
  });

  it.each<[string, FakeSecret['values'], string]>([
    ['has no value', {}, 'empty'],
    ['cannot be read', { [PENDING]: new RotationError('STORE_DENIED', 'no') }, 'not-checked'],
    ['is malformed', { [PENDING]: '{"password":"x"}' }, 'not-checked'],
    ['has an active token', { [PENDING]: 'new' }, 'active'],
  ])('says of a version that a rotation left that it %s', async (_what, values, state) => {
    const secret = { ...ROTATING, values: { [CURRENT]: 'old', ...values } };
    const fake = fakeWatch({ secrets: { app: secret } });

    const { secrets } = await fake.watch({ secrets: ['app'] });

    expect(secrets[0]?.tokens).toEqual({ [CURRENT]: 'active', [PENDING]: state });
  });

  it.each<[string, Partial<FakeProps>, readonly string[]]>([
    [
      'scopes',
      { probes: { second: [active('2', { scopes: ['api'] })], first: [active('1')] } },
      ['STANDBY_DIFFERS'],
    ],
    ['nothing that GitLab says', { probes: { first: [active('1')] } }, []],
    ['a dead one', { probes: { first: [active('1')], second: [DEAD] } }, ['STANDBY_DEAD']],
    ['one beside a dead token', { probes: { first: [DEAD] } }, ['REVOKED']],
  ])('compares the two tokens: %s', async (_what, props, expected) => {
    const fake = fakeWatch({ secrets: { pair: { values: { [CURRENT]: PAIR } } }, ...props });

    expect(codes(await fake.watch({ secrets: ['pair'] }))).toEqual(expected);
  });

  it('checks every token where GitLab does not say what any of them can reach', async () => {
    const pair = { values: { [CURRENT]: '{"token":"first","standby":{"token":"second"}}' } };
    const ill = { values: { [CURRENT]: '{"token":"bad","standby":{"token":"second"}}' } };
    const names = Array.from({ length: 8 }, (_, index) => `pair-${index}`);
    const secrets = { ...Object.fromEntries(names.map((name) => [name, pair])), ill };
    const memberships = { kind: 'unreachable' } as const;
    const fake = fakeWatch({ secrets, probes: { bad: [DEAD] }, memberships });

    expect(codes(await fake.watch({ secrets: Object.keys(secrets) }))).toEqual(['REVOKED']);
    expect(fake.compared).toHaveLength(2 * names.length);
    expect(fake.elapsedMs()).toBe(0);
  });

  it('takes a version that is new for a rotation that is under way', async () => {
    const fake = fakeWatch({ secrets: { app: { ...ROTATING, createdAt: NOW } } });

    expect(codes(await fake.watch({ secrets: ['app'] }))).toEqual([]);
  });

  it('says where the value alone cannot be read', async () => {
    const values = { [CURRENT]: new RotationError('STORE_DENIED', 'no') };
    const fake = fakeWatch({ secrets: { app: { values } } });

    expect(codes(await fake.watch({ secrets: ['app'] }))).toEqual(['UNREADABLE']);
  });

  it('finds that a standby is missing, by the settings of the secret', async () => {
    const fake = fakeWatch({ secrets: { pair: {} } });

    expect(codes(await fake.watch({ secrets: ['pair'] }))).toEqual(['STANDBY_MISSING']);
  });

  it('reports each secret, whatever is wrong with another', async () => {
    const fake = fakeWatch({
      secrets: {
        denied: { description: new RotationError('STORE_DENIED', 'no') },
        broken: { description: new RangeError('bug') as unknown as RotationError },
        malformed: { values: { [CURRENT]: '{"password":"x"}' } },
        app: {},
      },
    });

    const report = await fake.watch({
      secrets: ['app', arnOf('gone'), 'denied', 'broken', 'malformed'],
    });

    expect(report.secrets.map(({ name, findings }) => [name, findings[0]?.code])).toEqual([
      ['gone', 'SECRET_MISSING'],
      ['malformed', 'SECRET_MALFORMED'],
      ['denied', 'UNREADABLE'],
      ['broken', 'NOT_CHECKED'],
      ['app', undefined],
    ]);
    expect(report.secrets[0]?.arn).toBe(arnOf('gone'));
    expect(report.secrets[3]?.findings[0]?.details).toEqual({ reason: 'RangeError' });
  });
});

describe('the log of the watch', () => {
  it('has every finding, and how many secrets have one', async () => {
    const fake = fakeWatch({
      secrets: {
        ...{ app: {}, other: {} },
        ill: { values: { [CURRENT]: 'bad' } },
        recovery: { values: { [CURRENT]: 'bad' } },
      },
      probes: { bad: [DEAD] },
      recovery: true,
    });

    await fake.watch({ secrets: ['app', 'ill', 'other'] });

    expect(fake.logged).toEqual([
      'watch started {"secrets":3}',
      'found {"reason":"revoked","secret":"ill","code":"REVOKED","risk":"consumers"}',
      'found {"recovery":"dead","recoveryReason":"revoked","code":"RECOVERY_UNUSABLE","risk":"none"}',
      'watch finished {"secrets":3,"secretsWithFindings":1}',
    ]);
  });

  it('has that nothing was found', async () => {
    const fake = fakeWatch();

    await fake.watch({ secrets: ['app'] });

    expect(fake.logged).toEqual([
      'watch started {"secrets":1}',
      'watch finished {"secrets":1,"secretsWithFindings":0}',
    ]);
  });

  it('has why the watch failed', async () => {
    const fake = fakeWatch({ deps: { services: new RotationError('CONFIG_INVALID', 'no URL') } });

    await expect(fake.watch({ secrets: ['app'] })).rejects.toThrow();

    expect(fake.logged).toHaveLength(1);
    expect(fake.logged[0]).toMatch(/^the watch failed \{"error":.*CONFIG_INVALID: no URL/);
  });
});

describe('the message of the watch', () => {
  it('says where it ran, and which function rotates', async () => {
    const fake = fakeWatch({ probes: { token: [DEAD] } });

    await fake.watch({ secrets: ['app'] });

    const [{ message } = { message: '{}' }] = fake.published;
    expect(JSON.parse(JSON.parse(message).default).metadata.additionalContext).toMatchObject({
      watchFunctionName: 'gitlab-token-watch',
      functionName: 'rotation',
      region: 'eu-central-1',
      requestId: '44444444-aaaa-4aaa-8aaa-444444444444',
    });
  });

  it('is not sent where there is nobody to send it to: the findings are returned', async () => {
    const fake = fakeWatch({ probes: { token: [DEAD] }, deps: { failures: undefined } });

    expect(codes(await fake.watch({ secrets: ['app'] }))).toEqual(['REVOKED']);
  });

  it('names a secret of the same account by its name, beside another', async () => {
    const fake = fakeWatch({
      secrets: { one: {}, two: {} },
      probes: { token: [DEAD] },
    });

    await fake.watch({ secrets: [arnOf('one'), arnOf('two')] });

    expect(mail(fake)).toContain('  one (revoked), two (revoked)\n');
  });
});

describe('what the watch fails with', () => {
  it.each([
    [{ services: new RotationError('CONFIG_INVALID', 'no URL') }, 'CONFIG_INVALID'],
    [{ rotationFunctionArn: new RotationError('CONFIG_INVALID', 'no ARN') }, 'CONFIG_INVALID'],
  ] as const)('is what is wrong with its configuration: %s', async (deps, code) => {
    const fake = fakeWatch({ deps });

    await expect(fake.watch({ secrets: ['app'] })).rejects.toMatchObject({ code });
    expect(fake.published).toEqual([]);
  });

  it('is an event that it does not know', async () => {
    await expect(fakeWatch().watch({})).rejects.toMatchObject({ code: 'EVENT_INVALID' });
  });

  it('is a message that nobody takes; its findings are in the log', async () => {
    const failures = { publish: () => Promise.reject(new TypeError('refused')) };
    const fake = fakeWatch({ probes: { token: [DEAD] }, deps: { failures } });

    const failure = await fake.watch({ secrets: ['app'] }).catch((error: unknown) => error);

    expect(failure).toMatchObject({
      message: 'UNEXPECTED: the findings could not be published',
      details: { error: 'TypeError' },
    });
    expect(Object(failure).cause).toBeUndefined();
    expect(fake.logged.join('\n')).toMatch(/^found .*"secret":"app","code":"REVOKED"/m);
  });
});
