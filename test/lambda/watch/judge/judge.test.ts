import { describe, expect, it } from 'vitest';
import { RotationError } from '../../../../lambda/failure.ts';
import { judge } from '../../../../lambda/watch/judge.ts';
import type { Seen, Sight } from '../../../../lambda/watch/sight.ts';
import type { AwsVerdict } from '../../../../lambda/watch/watch-event.ts';

import {
  active,
  CURRENT,
  dead,
  described,
  failed,
  judged,
  NOW,
  OURS,
  stuckOn,
  TWO,
  WELL,
  without,
  YESTERDAY_EVENING,
} from './sights.ts';

const PREVIOUS = 'previous';

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
    'a token that outlives its last week, at the moment of its rotation',
    { current: active('2030-01-18'), description: described({ nextRotationDate: NOW }) },
    [],
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
    'a refused token, and a GitLab that does not answer for the standby',
    { current: failed('ROTATION_REFUSED'), standby: failed('GITLAB_UNREACHABLE') },
    [{ code: 'REFUSED' }, { code: 'NOT_CHECKED', details: { token: 'standby' } }],
  ],
  [
    'a GitLab that limits the rate',
    { ...TWO, standby: failed('GITLAB_RATE_LIMITED') },
    [{ code: 'NOT_CHECKED', details: { reason: 'RATE_LIMITED', token: 'standby' } }],
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
    const findings = judged(seen);

    expect(findings).toMatchObject(expected);
    expect(findings).toHaveLength(expected.length);
  });

  it('says no more of a token than is known', () => {
    const unknownDay = without('nextRotationDate', 'rotationIntervalDays');

    expect([
      ...judged({ current: dead() }),
      ...judged({ current: active('2030-01-17'), description: unknownDay }),
    ]).toStrictEqual([
      { code: 'REVOKED', risk: 'consumers', details: { reason: 'revoked' } },
      {
        code: 'EXPIRES_SOON',
        risk: 'none',
        details: { tokenId: '12', expiresAt: '2030-01-17' },
      },
    ]);
  });

  it.each([
    ['SECRET_MISSING', 'SECRET_MISSING', 'consumers', { message: 'SECRET_MISSING: why' }],
    ['SECRET_MALFORMED', 'SECRET_MALFORMED', 'unknown', { message: 'SECRET_MALFORMED: why' }],
    ['STORE_DENIED', 'UNREADABLE', 'unknown', {}],
    ['STORE_UNAVAILABLE', 'NOT_CHECKED', 'unknown', { reason: 'STORE_UNAVAILABLE' }],
  ] as const)('of a secret that cannot be read: %s', (failed, code, risk, why) => {
    const failure = new RotationError(failed, 'why', { details: { operation: 'GetSecretValue' } });

    const findings = judge({ failure }, { now: NOW, rotationFunctionArn: OURS });

    const details = { operation: 'GetSecretValue', ...why };
    expect(findings).toStrictEqual([{ code, risk, details }]);
  });

  it.each([
    ['a new one', {}, 'none'],
    ['one that was rotated', { lastRotatedDate: NOW }, 'consumers'],
    ['one with a label', { stages: { [CURRENT]: ['AWSCURRENT'] } }, 'consumers'],
  ])('of a secret without a value: %s', (_what, differing, risk) => {
    const failure = new RotationError('SECRET_MISSING', 'no value');
    const description = { ...without('lastRotatedDate'), stages: {}, ...differing };

    const findings = judge({ failure, description }, { now: NOW, rotationFunctionArn: OURS });

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
