import { describe, expect, it } from 'vitest';
import { type Details, RotationError } from '../../../lambda/failure.ts';
import type { SecretDescription } from '../../../lambda/ports/secret-store.ts';
import { judge } from '../../../lambda/watch/judge.ts';
import type { Seen, Sight } from '../../../lambda/watch/sight.ts';
import type { AwsVerdict } from '../../../lambda/watch/watch-event.ts';

const NOW = new Date('2030-01-10T06:00:00Z');
const OURS = 'arn:aws:lambda:eu-central-1:111122223333:function:rotation';
const [CURRENT, PENDING, PREVIOUS] = ['current', 'pending', 'previous'];

/** A secret that rotates on the first of each month. */
const DESCRIPTION: SecretDescription = {
  rotationEnabled: true,
  stages: { [CURRENT]: ['AWSCURRENT'] },
  rotationFunctionArn: OURS,
  rotationIntervalDays: 31,
  nextRotationDate: new Date('2030-02-01T23:59:59Z'),
  lastRotatedDate: new Date('2030-01-01T00:00:00Z'),
};

function active(expiresAt: string | null = '2030-12-31', canRotate = true): Seen {
  const scopes = canRotate ? ['self_rotate'] : ['read_api'];
  return { kind: 'active', token: { tokenId: '12', scopes, canRotate, expiresAt } };
}

function dead(reason: 'revoked' | 'expired' | 'unknown' = 'revoked'): Seen {
  return { kind: 'dead', reason };
}

function failed(code: 'GITLAB_UNREACHABLE' | 'GITLAB_RATE_LIMITED' | 'ROTATION_REFUSED') {
  const details: Record<typeof code, Details> = {
    GITLAB_UNREACHABLE: { reason: 'ECONNREFUSED' },
    GITLAB_RATE_LIMITED: { status: 429 },
    ROTATION_REFUSED: { refusal: 'user-blocked' },
  };
  return new RotationError(code, 'why', { details: details[code] });
}

function described(differing: Partial<SecretDescription>): SecretDescription {
  return { ...DESCRIPTION, ...differing };
}

function without(...names: (keyof SecretDescription)[]): SecretDescription {
  const entries = Object.entries(DESCRIPTION).filter(
    ([name]) => !names.some((each) => each === name),
  );
  return Object.fromEntries(entries) as unknown as SecretDescription;
}

function stuckOn(seen: NonNullable<Sight['pending']>['seen'], since?: string): Partial<Sight> {
  return {
    pending: {
      versionId: PENDING,
      seen,
      ...(since !== undefined && { createdAt: new Date(since) }),
    },
  };
}

const WELL: Sight = { description: DESCRIPTION, current: active() };
const TWO: Partial<Sight> = { standby: active() };
const DAY_BEFORE_YESTERDAY = '2030-01-08T05:00:00Z';
const YESTERDAY_EVENING = new Date('2030-01-09T23:59:59Z');

/** What is seen, but for what is well, and what that means. */
const TABLE: readonly [what: string, seen: Partial<Sight>, expected: readonly object[]][] = [
  ['nothing', {}, []],
  ['a token that never expires', { current: active(null) }, []],
  ['two tokens', TWO, []],
  [
    'a function by its alias',
    { description: described({ rotationFunctionArn: `${OURS}:live` }) },
    [],
  ],
  [
    'a revoked token',
    { current: dead(), statedTokenId: '12' },
    [{ code: 'REVOKED', risk: 'consumers', details: { reason: 'revoked', tokenId: '12' } }],
  ],
  ['a token that GitLab does not know', { current: dead('unknown') }, [{ code: 'REVOKED' }]],
  ['an expired token', { current: dead('expired') }, [{ code: 'EXPIRED', risk: 'consumers' }]],
  [
    'a dead token beside an active standby',
    { current: dead(), ...TWO },
    [{ code: 'REVOKED', details: { standbyToken: 'active' } }],
  ],
  [
    'a dead token, and an active one in AWSPREVIOUS',
    { current: dead(), previous: { versionId: PREVIOUS, seen: active() } },
    [{ code: 'REVOKED', details: { salvageVersionId: PREVIOUS } }],
  ],
  [
    'a dead token, and another one in AWSPREVIOUS',
    { current: dead(), previous: { versionId: PREVIOUS, seen: dead() } },
    [{ code: 'REVOKED', details: { reason: 'revoked' } }],
  ],
  [
    'a token that expires on the day of the next rotation',
    { current: active('2030-02-01') },
    [
      {
        code: 'EXPIRES_SOON',
        risk: 'none',
        details: { tokenId: '12', expiresAt: '2030-02-01', nextRotation: '2030-02-01' },
      },
    ],
  ],
  ['a token that expires on the day after', { current: active('2030-02-02') }, []],
  [
    'one of two tokens, which expires before the rotation after the next',
    { ...TWO, current: active('2030-02-20') },
    [{ code: 'EXPIRES_SOON', details: { nextRotation: '2030-03-04' } }],
  ],
  ['the other one, which does', { ...TWO, standby: active('2030-02-20') }, []],
  [
    'the other one, which expires before the next',
    { ...TWO, standby: active('2030-01-20') },
    [{ code: 'STANDBY_EXPIRES_SOON', details: { standby: true, nextRotation: '2030-02-01' } }],
  ],
  [
    'a token that nobody rotates, in its last week',
    {
      current: active('2030-01-17'),
      description: without('nextRotationDate', 'rotationIntervalDays'),
    },
    [{ code: 'EXPIRES_SOON', details: { tokenId: '12', expiresAt: '2030-01-17' } }],
  ],
  [
    'a token that nobody rotates, before that',
    {
      current: active('2030-01-18'),
      description: without('nextRotationDate', 'rotationIntervalDays'),
    },
    [],
  ],
  [
    'a token that outlives its last week, while its rotation is overdue',
    {
      current: active('2030-01-18'),
      description: described({ nextRotationDate: YESTERDAY_EVENING }),
    },
    [{ code: 'ROTATION_OVERDUE' }],
  ],
  [
    'a token in its last week, while its rotation is overdue',
    {
      current: active('2030-01-17'),
      description: described({ nextRotationDate: YESTERDAY_EVENING }),
    },
    [
      { code: 'EXPIRES_SOON', details: { tokenId: '12', expiresAt: '2030-01-17' } },
      { code: 'ROTATION_OVERDUE' },
    ],
  ],
  [
    'two tokens of which only the next rotation is known',
    { ...TWO, current: active('2030-02-20'), description: without('rotationIntervalDays') },
    [],
  ],
  ['a token without its scope', { current: active(null, false) }, [{ code: 'SCOPE_MISSING' }]],
  [
    'a standby without its scope',
    { ...TWO, standby: active(null, false) },
    [{ code: 'STANDBY_SCOPE_MISSING' }],
  ],
  ['a dead standby', { ...TWO, standby: dead() }, [{ code: 'STANDBY_DEAD', risk: 'none' }]],
  [
    'a refused token',
    { current: failed('ROTATION_REFUSED') },
    [{ code: 'REFUSED', risk: 'unknown', details: { refusal: 'user-blocked' } }],
  ],
  [
    'a refused standby',
    { ...TWO, standby: failed('ROTATION_REFUSED') },
    [{ code: 'STANDBY_REFUSED' }],
  ],
  [
    'a GitLab that does not answer',
    { ...TWO, current: failed('GITLAB_UNREACHABLE'), standby: failed('GITLAB_UNREACHABLE') },
    [{ code: 'NOT_CHECKED', details: { reason: 'ECONNREFUSED', token: 'current' } }],
  ],
  [
    'a GitLab that limits the rate',
    { ...TWO, standby: failed('GITLAB_RATE_LIMITED') },
    [{ code: 'NOT_CHECKED', details: { reason: 'RATE_LIMITED', token: 'standby' } }],
  ],
  [
    'rotation that is off',
    { description: described({ rotationEnabled: false }) },
    [{ code: 'ROTATION_DISABLED', details: { lastRotated: '2030-01-01' } }],
  ],
  [
    'rotation that was never on, and a token in its last week',
    { description: { rotationEnabled: false, stages: {} }, current: active('2030-01-15') },
    [{ code: 'EXPIRES_SOON' }, { code: 'ROTATION_DISABLED', details: {} }],
  ],
  [
    'another function',
    { description: described({ rotationFunctionArn: `${OURS}-2` }) },
    [{ code: 'ROTATION_BY_ANOTHER', details: { rotationFunctionArn: `${OURS}-2` } }],
  ],
  [
    'no function',
    { description: without('rotationFunctionArn') },
    [{ code: 'ROTATION_BY_ANOTHER', details: { rotationFunctionArn: 'none' } }],
  ],
  [
    'a rotation that did not come',
    { description: described({ nextRotationDate: new Date('2030-01-10T04:59:59Z') }) },
    [{ code: 'ROTATION_OVERDUE', details: { nextRotation: '2030-01-10' } }],
  ],
  [
    'a rotation that may have begun at the end of its window',
    { description: described({ nextRotationDate: new Date('2030-01-10T05:00:00Z') }) },
    [],
  ],
  [
    'a last rotation that is older than the interval and its window',
    {
      description: {
        ...without('nextRotationDate'),
        rotationIntervalDays: 8,
        lastRotatedDate: new Date('2030-01-01T04:59:59Z'),
      },
    },
    [{ code: 'ROTATION_OVERDUE' }],
  ],
  [
    'a last rotation that is not',
    {
      description: {
        ...without('nextRotationDate'),
        rotationIntervalDays: 8,
        lastRotatedDate: new Date('2030-01-02T00:00:00Z'),
      },
    },
    [],
  ],
  [
    'an overdue rotation that left an empty version',
    {
      ...stuckOn('empty'),
      description: described({
        nextRotationDate: YESTERDAY_EVENING,
        lastChangedDate: new Date('2030-01-09T05:30:00Z'),
      }),
    },
    [
      { code: 'ROTATION_STUCK', details: { pendingVersionId: PENDING, pendingToken: 'empty' } },
      { code: 'ROTATION_OVERDUE' },
    ],
  ],
  [
    'an overdue rotation that left an empty version, of a secret whose last change nobody knows',
    { ...stuckOn('empty'), description: described({ nextRotationDate: YESTERDAY_EVENING }) },
    [{ code: 'ROTATION_STUCK' }, { code: 'ROTATION_OVERDUE' }],
  ],
  [
    'an overdue rotation that somebody has just begun',
    {
      ...stuckOn('empty'),
      description: described({
        nextRotationDate: YESTERDAY_EVENING,
        lastChangedDate: new Date('2030-01-10T05:59:00Z'),
      }),
    },
    [{ code: 'ROTATION_OVERDUE' }],
  ],
  [
    'a scheduled rotation that has just begun, a month after the last change',
    {
      ...stuckOn('empty'),
      description: described({
        nextRotationDate: new Date('2030-01-10T23:59:59Z'),
        lastChangedDate: new Date('2029-12-10T05:00:00Z'),
      }),
    },
    [],
  ],
  [
    'an empty version where rotation was switched off',
    {
      ...stuckOn('empty'),
      description: {
        ...without('nextRotationDate'),
        rotationEnabled: false,
        lastChangedDate: new Date(DAY_BEFORE_YESTERDAY),
      },
    },
    [{ code: 'ROTATION_STUCK' }, { code: 'ROTATION_DISABLED' }],
  ],
  [
    'a rotation that left an active token',
    stuckOn(active(), DAY_BEFORE_YESTERDAY),
    [{ code: 'ROTATION_STUCK', details: { pendingToken: 'active' } }],
  ],
  [
    'a rotation that left a token that GitLab does not speak of',
    stuckOn(failed('GITLAB_UNREACHABLE'), DAY_BEFORE_YESTERDAY),
    [{ code: 'ROTATION_STUCK', details: { pendingToken: 'not-checked' } }],
  ],
  ['a version that cannot be read', stuckOn(failed('ROTATION_REFUSED')), []],
  ['a rotation that began today', stuckOn(active(), '2030-01-10T00:00:00Z'), []],
  [
    'a rotation whose window ended at midnight',
    stuckOn(active(), '2030-01-09T23:59:59Z'),
    [{ code: 'ROTATION_STUCK' }],
  ],
  [
    'a rotation whose window is closed',
    { ...stuckOn(active(), '2030-01-10T03:00:00Z'), description: described({ windowHours: 2 }) },
    [{ code: 'ROTATION_STUCK' }],
  ],
  [
    'a rotation whose window is open',
    { ...stuckOn(active(), '2030-01-10T03:00:01Z'), description: described({ windowHours: 2 }) },
    [],
  ],
  [
    'a rotation that began late in a window that is over',
    {
      ...stuckOn(active(), '2030-01-10T04:30:00Z'),
      description: described({
        windowHours: 4,
        nextRotationDate: new Date('2030-01-10T04:59:59Z'),
      }),
    },
    [{ code: 'ROTATION_STUCK' }, { code: 'ROTATION_OVERDUE' }],
  ],
  [
    'a rotation that somebody has begun after the window',
    {
      ...stuckOn(active(), '2030-01-10T05:30:00Z'),
      description: described({ nextRotationDate: YESTERDAY_EVENING }),
    },
    [{ code: 'ROTATION_OVERDUE' }],
  ],
  [
    'a rotation that left a token, by a schedule without a date',
    {
      ...stuckOn(active(), DAY_BEFORE_YESTERDAY),
      description: without('nextRotationDate'),
    },
    [{ code: 'ROTATION_STUCK' }],
  ],
  [
    'a rotation every few hours, whose window is closed',
    {
      ...stuckOn(active(), '2030-01-10T04:00:00Z'),
      description: described({ rotationIntervalDays: 0.5 }),
    },
    [{ code: 'ROTATION_STUCK' }],
  ],
  [
    'a dead token while a new one is ready',
    { ...stuckOn(active(), '2030-01-10T05:59:00Z'), current: dead() },
    [{ code: 'REVOKED', details: { pendingToken: 'active' } }],
  ],
  [
    'a tokenId of another token',
    { statedTokenId: '77' },
    [{ code: 'TOKEN_ID_DIFFERS', details: { tokenId: '12', expectedTokenId: '77' } }],
  ],
  ['the tokenId of this token', { statedTokenId: '12' }, []],
  [
    'no standby where there should be one',
    {
      missing: new RotationError('SECRET_MALFORMED', 'why', { details: { form: 'json' } }),
    },
    [{ code: 'STANDBY_MISSING', details: { form: 'json' } }],
  ],
  [
    'a standby that differs',
    { ...TWO, difference: { difference: 'role' } },
    [{ code: 'STANDBY_DIFFERS', details: { difference: 'role' } }],
  ],
];

describe(judge, () => {
  it.each(TABLE)('of %s', (_what, seen, expected) => {
    const findings = judge({ ...WELL, ...seen }, { now: NOW, rotationFunctionArn: OURS });

    expect(findings).toMatchObject(expected);
    expect(findings).toHaveLength(expected.length);
  });

  it.each([
    ['SECRET_MISSING', 'SECRET_MISSING', 'consumers'],
    ['SECRET_MALFORMED', 'SECRET_MALFORMED', 'unknown'],
    ['STORE_DENIED', 'UNREADABLE', 'unknown'],
    ['STORE_UNAVAILABLE', 'NOT_CHECKED', 'unknown'],
  ] as const)('of a secret that cannot be read: %s', (failed, code, risk) => {
    const failure = new RotationError(failed, 'why');

    const findings = judge(
      { failure },
      { now: NOW, rotationFunctionArn: OURS },
    );

    expect(findings).toMatchObject([{ code, risk }]);
  });

  it.each([
    ['a new one', {}, 'none'],
    ['one that was rotated', { lastRotatedDate: NOW }, 'consumers'],
    ['one with a label', { stages: { [CURRENT]: ['AWSCURRENT'] } }, 'consumers'],
  ])('of a secret without a value: %s', (_what, differing, risk) => {
    const failure = new RotationError('SECRET_MISSING', 'no value');
    const description = { ...without('lastRotatedDate'), stages: {}, ...differing };

    const findings = judge(
      { failure, description },
      { now: NOW, rotationFunctionArn: OURS },
    );

    expect(findings).toMatchObject([{ code: 'SECRET_MISSING', risk }]);
  });

  it.each<[AwsVerdict['eventName'], Seen, string, string, string]>([
    ['RotationFailed', active(), 'ROTATION_FAILED', 'none', 'active'],
    ['RotationFailed', dead(), 'ROTATION_FAILED', 'consumers', 'dead'],
    ['RotationAbandoned', dead(), 'ROTATION_ABANDONED', 'consumers', 'dead'],
    [
      'RotationAbandoned',
      failed('GITLAB_UNREACHABLE'),
      'ROTATION_ABANDONED',
      'unknown',
      'not-checked',
    ],
    ['TestRotationFailed', active(), 'DRY_RUN_FAILED', 'none', 'active'],
  ])('puts first what AWS reports: %s', (eventName, current, code, risk, currentToken) => {
    const verdict = { eventName, eventTime: '2030-01-10T05:59:00Z' };

    const [first, second] = judge(
      { ...WELL, current },
      { now: NOW, rotationFunctionArn: OURS, verdict },
    );

    const { eventTime } = verdict;
    expect(first).toEqual({ code, risk, details: { eventTime, currentToken } });
    expect(second?.details['abandoned']).toBe(
      code === 'ROTATION_ABANDONED' && currentToken === 'dead' ? true : undefined,
    );
  });
});
