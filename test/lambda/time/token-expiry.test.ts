import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SecretDescription } from '../../../lambda/ports/secret-store.ts';
import {
  expiresImmediately,
  nextRotation,
  tokenExpiry,
} from '../../../lambda/time/token-expiry.ts';

describe('tokenExpiry', () => {
  it.each([
    ['2026-11-24T00:00:00Z', 90, '2027-02-22'],
    ['2026-11-24T23:59:59.999Z', 90, '2027-02-22'],
    ['2028-02-28T12:00:00Z', 1, '2028-02-29'],
    ['2027-02-28T12:00:00Z', 1, '2027-03-01'],
    ['2026-12-31T23:30:00-05:00', 2, '2027-01-03'],
  ])('counts days in UTC: %s and %i days make %s', (now, days, expiresAt) => {
    expect(tokenExpiry(new Date(now), days)).toBe(expiresAt);
  });

  it('is a date of GitLab’s form that is so many days away, for any day and lifetime', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
        fc.integer({ min: 2, max: 400 }),
        (now, days) => {
          const expiresAt = tokenExpiry(now, days);

          const today = Date.parse(now.toISOString().slice(0, 10));
          expect(expiresAt).toMatch(/^\d{4}-\d\d-\d\d$/);
          expect(Date.parse(expiresAt) - today).toBe(days * 24 * 60 * 60 * 1000);
        },
      ),
    );
  });
});

describe('expiresImmediately', () => {
  const now = new Date('2026-11-24T23:00:00Z');

  it.each([
    ['2026-11-23', true],
    ['2026-11-24', true],
    ['2026-11-25', false],
    ['2027-01-01', false],
  ])('of a token that expires on %s: %s', (expiresAt, dead) => {
    expect(expiresImmediately(now, expiresAt)).toBe(dead);
  });

  it('counts the minute that GitLab may take to issue it', () => {
    expect(expiresImmediately(new Date('2026-11-24T23:58:59Z'), '2026-11-25')).toBe(false);
    expect(expiresImmediately(new Date('2026-11-24T23:59:00Z'), '2026-11-25')).toBe(true);
  });
});

describe('nextRotation', () => {
  const now = new Date('2026-11-24T10:00:00Z');
  const description: SecretDescription = { rotationEnabled: true, stages: {} };
  const tomorrow = new Date('2026-11-25T05:00:00Z');
  const yesterday = new Date('2026-11-23T05:00:00Z');

  it('is one interval after this rotation', () => {
    const scheduled = { ...description, rotationIntervalDays: 30, nextRotationDate: tomorrow };

    expect(nextRotation(now, scheduled, 'this-rotation')).toBe('2026-12-24');
  });

  it('is the date that AWS has planned when nothing is rotated now', () => {
    const scheduled = { ...description, rotationIntervalDays: 30, nextRotationDate: tomorrow };

    expect(nextRotation(now, scheduled, 'schedule')).toBe('2026-11-25');
  });

  it('does not count on a date that has passed', () => {
    const overdue = { ...description, nextRotationDate: yesterday };

    expect(nextRotation(now, overdue, 'schedule')).toBeUndefined();
    expect(nextRotation(now, { ...overdue, nextRotationDate: now }, 'schedule')).toBeUndefined();
    expect(nextRotation(now, { ...overdue, rotationIntervalDays: 2 }, 'schedule')).toBe(
      '2026-11-26',
    );
  });

  it('takes the planned date where the schedule has no even interval', () => {
    const cron = { ...description, nextRotationDate: tomorrow };

    expect(nextRotation(now, cron, 'this-rotation')).toBe('2026-11-25');
  });

  it('is unknown without a schedule', () => {
    expect(nextRotation(now, description, 'this-rotation')).toBeUndefined();
  });

  it('may be asked for the one after it, an interval later', () => {
    const scheduled = { ...description, rotationIntervalDays: 30, nextRotationDate: tomorrow };

    expect(nextRotation(now, scheduled, 'this-rotation', 2)).toBe('2027-01-23');
    expect(nextRotation(now, scheduled, 'schedule', 2)).toBe('2026-12-25');
  });

  it('takes the second of uneven steps to be as long as the first, where that is known', () => {
    const cron = { ...description, nextRotationDate: tomorrow };
    const dayAfter = new Date(2 * tomorrow.getTime() - now.getTime()).toISOString().slice(0, 10);

    expect(nextRotation(now, cron, 'this-rotation', 2)).toBe(dayAfter);
    expect(dayAfter).toBe('2026-11-26');
    expect(nextRotation(now, cron, 'schedule', 2)).toBe('2026-11-25');
    expect(nextRotation(now, description, 'schedule', 2)).toBeUndefined();
  });
});
