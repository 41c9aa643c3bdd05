import { describe, expect, it } from 'vitest';
import { RotationError } from '../../../lambda/failure.ts';
import type { Probe } from '../../../lambda/ports/access-tokens.ts';
import { WATCH_RESERVE_MS } from '../../../lambda/time/timing.ts';
import type { Report } from '../../../lambda/watch/run.ts';
import {
  active,
  CURRENT,
  type FakeProps,
  type FakeSecret,
  fakeWatch,
  RECOVERY,
} from './watch-fakes.ts';

const DEAD: Probe = { kind: 'dead', reason: 'revoked' };

function codes({ secrets }: Report): readonly string[] {
  return secrets.flatMap(({ findings }) => findings.map(({ code }) => code));
}

describe('the recovery credential', () => {
  it.each<[string, Partial<FakeProps>, readonly string[]]>([
    [
      'that is well',
      { probes: { admin: [active('9', { scopes: ['api'], expiresAt: null })] } },
      [],
    ],
    [
      'that expires too soon',
      { probes: { admin: [active('9', { scopes: ['api'], expiresAt: '2030-02-01' })] } },
      ['RECOVERY_EXPIRES_SOON'],
    ],
    ['that is dead', { probes: { admin: [DEAD] } }, ['RECOVERY_UNUSABLE']],
    ['without its scope', { probes: { admin: [active('9')] } }, ['RECOVERY_UNUSABLE']],
    [
      'that GitLab does not speak of',
      { probes: { admin: [{ kind: 'unreachable', reason: 'ECONNREFUSED' }] } },
      ['NOT_CHECKED'],
    ],
  ])('%s', async (_what, props, expected) => {
    const secrets = { app: {}, recovery: { values: { [CURRENT]: 'admin' } } };
    const fake = fakeWatch({ secrets, recovery: true, ...props });

    const { recovery } = await fake.watch({ secrets: ['app'] });

    expect(recovery?.findings.map(({ code }) => code)).toEqual(expected);
    expect(fake.published.map(({ attributes }) => attributes.code)).toEqual(expected);
  });

  it.each<[string, string, readonly object[]]>([
    ['app', '2030-02-01', [{ nextRotation: '2030-02-01' }]],
    ['app', '2030-02-02', []],
    ['soon', '2030-01-17', [{}]],
    ['soon', '2030-01-18', []],
    ['overdue', '2030-01-17', [{}]],
    ['overdue', '2030-01-18', []],
    ['gone', '2030-01-17', [{}]],
    ['gone', '2030-01-18', []],
  ])('must outlive the next rotation of %s, and a week: %s', async (name, expiresAt, expected) => {
    const secrets = {
      app: {},
      soon: { description: { nextRotationDate: new Date('2030-01-12T23:59:59Z') } },
      overdue: { description: { nextRotationDate: new Date('2030-01-05T23:59:59Z') } },
      recovery: { values: { [CURRENT]: 'admin' } },
    };
    const probes = { admin: [active('9', { scopes: ['api'], expiresAt })] };
    const fake = fakeWatch({ secrets, recovery: true, probes });

    const { recovery } = await fake.watch({ secrets: [name] });

    const told = { recovery: 'expires-too-soon', recoveryExpiresAt: expiresAt };
    expect(recovery?.findings.map(({ details }) => details)).toEqual(
      expected.map((more) => ({ ...told, ...more })),
    );
  });

  it('must outlive a rotation on the day on which a week is over, and says that day', async () => {
    const secrets = {
      app: { description: { nextRotationDate: new Date('2030-01-17T23:59:59Z') } },
      recovery: { values: { [CURRENT]: 'admin' } },
    };
    const probes = { admin: [active('9', { scopes: ['api'], expiresAt: '2030-01-17' })] };
    const fake = fakeWatch({ secrets, recovery: true, probes });

    const { recovery } = await fake.watch({ secrets: ['app'] });

    expect(recovery?.findings).toMatchObject([{ details: { nextRotation: '2030-01-17' } }]);
  });

  it.each<[string, FakeSecret, object]>([
    [
      'GitLab does not answer',
      { values: { [CURRENT]: 'quiet' } },
      { recovery: 'unreachable', reason: 'NO_ANSWER' },
    ],
    [
      'Secrets Manager does not',
      { values: { [CURRENT]: new RotationError('STORE_UNAVAILABLE', 'no') } },
      { recovery: 'unreadable', recoveryError: 'STORE_UNAVAILABLE', reason: 'NO_ANSWER' },
    ],
  ])('is not known to be well where %s', async (_what, recovery, details) => {
    const fake = fakeWatch({
      secrets: { app: {}, recovery },
      recovery: true,
      probes: { quiet: [{ kind: 'unreachable', reason: 'ECONNREFUSED' }] },
    });

    const report = await fake.watch({ secrets: ['app'] });

    expect(report.recovery).toMatchObject({
      arn: RECOVERY,
      findings: [
        { code: 'NOT_CHECKED', risk: 'unknown', details: { ...details, token: 'recovery' } },
      ],
    });
  });

  it('is not looked at where no time is left, which is said', async () => {
    const fake = fakeWatch({ recovery: true, timeoutMs: WATCH_RESERVE_MS });

    const { recovery } = await fake.watch({ secrets: ['app'] });

    expect(recovery).toEqual({
      arn: RECOVERY,
      findings: [
        {
          code: 'NOT_CHECKED',
          risk: 'unknown',
          details: { reason: 'NO_TIME_LEFT', token: 'recovery' },
        },
      ],
    });
  });

  it('is asked about, whatever token of a secret GitLab does not answer', async () => {
    const secrets = { app: {}, recovery: { values: { [CURRENT]: 'admin' } } };
    const probes = {
      token: [{ kind: 'unreachable', reason: 'ETIMEDOUT' } as const],
      admin: [active('9', { scopes: ['api'] })],
    };
    const fake = fakeWatch({ secrets, recovery: true, probes });

    const report = await fake.watch({ secrets: ['app'] });

    expect(codes(report)).toEqual(['NOT_CHECKED']);
    expect(report.recovery?.findings).toEqual([]);
    expect(fake.asked).toContain('admin');
  });

  it('is not known to be well where an error of ours keeps it from being asked', async () => {
    const secrets = { recovery: { values: { [CURRENT]: 'broken' } } };
    const fake = fakeWatch({ secrets, recovery: true });

    const { recovery } = await fake.watch({ secrets: ['gone'] });

    expect(recovery).toEqual({
      arn: RECOVERY,
      findings: [
        {
          code: 'NOT_CHECKED',
          risk: 'unknown',
          details: { reason: 'TypeError', token: 'recovery' },
        },
      ],
    });
  });

  it('is not known to be well where its secret hides an error of ours', async () => {
    const secrets = {
      app: {},
      recovery: { values: { [CURRENT]: new TypeError('bug') as unknown as RotationError } },
    };
    const fake = fakeWatch({ secrets, recovery: true });

    const { recovery } = await fake.watch({ secrets: ['app'] });

    expect(recovery?.findings).toMatchObject([{ code: 'RECOVERY_UNUSABLE' }]);
  });
});
