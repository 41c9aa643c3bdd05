import { describe, expect, it } from 'vitest';
import type { Sight } from '../../../../lambda/watch/sight.ts';
import {
  active,
  DAY_BEFORE_YESTERDAY,
  described,
  failed,
  judged,
  OURS,
  PENDING,
  stuckOn,
  without,
  YESTERDAY_EVENING,
} from './sights.ts';

/** What is seen of the rotation, but for what is well, and what that means. */
const TABLE: readonly [what: string, seen: Partial<Sight>, expected: readonly object[]][] = [
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
    'a last rotation whose window may have ended with one',
    {
      description: {
        ...without('nextRotationDate'),
        ...{ rotationIntervalDays: 8, windowHours: 2 },
        lastRotatedDate: new Date('2030-01-02T03:00:00Z'),
      },
    },
    [],
  ],
  [
    'a last rotation whose window ended without one',
    {
      description: {
        ...without('nextRotationDate'),
        ...{ rotationIntervalDays: 8, windowHours: 2 },
        lastRotatedDate: new Date('2030-01-02T02:59:59Z'),
      },
    },
    [{ code: 'ROTATION_OVERDUE' }],
  ],
  [
    'a secret that was never rotated',
    { description: without('nextRotationDate', 'lastRotatedDate') },
    [],
  ],
  [
    'a last rotation, by a schedule without an interval',
    { description: without('nextRotationDate', 'rotationIntervalDays') },
    [],
  ],
  [
    'a rotation that began in the last moment of its window',
    {
      ...stuckOn(active(), '2030-01-10T05:00:00Z'),
      description: described({ nextRotationDate: new Date('2030-01-10T05:00:00Z') }),
    },
    [{ code: 'ROTATION_STUCK' }],
  ],
  [
    'a rotation every few hours, whose window is open',
    {
      ...stuckOn(active(), '2030-01-10T04:00:01Z'),
      description: described({ rotationIntervalDays: 0.5 }),
    },
    [],
  ],
  [
    'a rotation of every day, whose window is open until midnight',
    {
      ...stuckOn(active(), '2030-01-10T04:00:00Z'),
      description: described({ rotationIntervalDays: 1 }),
    },
    [],
  ],
];

describe('the rotation of a secret', () => {
  it.each(TABLE)('is judged by %s', (_what, seen, expected) => {
    const findings = judged(seen);

    expect(findings).toMatchObject(expected);
    expect(findings).toHaveLength(expected.length);
  });
});
