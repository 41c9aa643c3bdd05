import { describe, expect, it } from 'vitest';
import { badRequest, dateLimit, EXPIRED } from '../expected.ts';
import { given, TODAY } from '../given.ts';

describe('the expiry of a successor', () => {
  it.each([
    [63, 'yesterday', '2026-11-21'],
    [64, 'today', TODAY],
  ])('row %i: may be %s, so that it is born dead', async (_, __, expires_at) => {
    await using start = await given();

    const { answer } = await start.rotate('first', { expires_at });

    expect(answer).toMatchObject({
      status: 200,
      body: { active: false, revoked: false, expires_at },
    });
    expect(start.gitlab.tokens[0]).toMatchObject({ revoked: true });
    expect((await start.probe('successor-1')).answer).toEqual(EXPIRED);
  });

  it('row 65: may be 365 days from today', async () => {
    await using start = await given();

    const { answer } = await start.rotate('first', { expires_at: '2027-11-22' });

    expect(answer).toMatchObject({ status: 200, body: { expires_at: '2027-11-22' } });
  });

  it('row 66: may not be 366 days from today', async () => {
    await using start = await given();

    const { answer } = await start.rotate('first', { expires_at: '2027-11-23' });

    expect(answer).toEqual(dateLimit('2027-11-22'));
    expect((await start.probe('first')).answer.status).toBe(200);
  });

  it('row 67: may be tried again after a refusal', async () => {
    await using start = await given();
    await start.rotate('first', { expires_at: '2027-11-23' });

    const byDefault = await start.rotate('first');

    expect(byDefault.answer.status).toBe(200);
  });

  it('row 67: may be the very date that a refusal named', async () => {
    await using start = await given();
    const { answer } = await start.rotate('first', { expires_at: '2027-11-23' });
    const { message } = answer.body as { message: string };

    const again = await start.rotate('first', { expires_at: message.slice(-10) });

    expect(again.answer.status).toBe(200);
  });

  // About the service behind the endpoint; over HTTP it reads the same.
  it('row 68: may not be ten years off', async () => {
    await using start = await given();

    const { answer } = await start.rotate('first', { expires_at: '2036-11-22' });

    expect(answer).toEqual(dateLimit('2027-11-22'));
    expect(start.gitlab.tokens).toHaveLength(1);
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('row 69: may be 400 days from today, and no more, where the flag is on', async () => {
    await using start = await given({ settings: { maxDays: 400 } });

    const beyond = await start.rotate('first', { expires_at: '2027-12-28' });
    const within = await start.rotate('first', { expires_at: '2027-12-27' });

    expect(beyond.answer).toEqual(dateLimit('2027-12-27'));
    expect(within.answer.status).toBe(200);
  });

  it('row 70: is never, where none is required and none asked for', async () => {
    await using start = await given({ settings: { requireExpiry: false } });

    const rotation = await start.rotate('first');
    const probe = await start.probe('successor-1');

    expect(rotation.answer).toMatchObject({
      status: 200,
      body: { expires_at: null, active: true },
    });
    expect(probe.answer).toMatchObject({ status: 200, body: { expires_at: null } });
  });

  it('row 71: may be 1000 days from today where none is required', async () => {
    await using start = await given({ settings: { requireExpiry: false } });

    const { answer } = await start.rotate('first', { expires_at: '2029-08-18' });

    expect(answer).toMatchObject({ status: 200, body: { expires_at: '2029-08-18' } });
  });

  it('row 72: keeps to the lifetime that an administrator set', async () => {
    await using start = await given({ settings: { secondMaxDays: 90 } });

    const beyondOne = await start.rotate('first', { expires_at: '2027-02-21' });
    const beyondBoth = await start.rotate('first', { expires_at: '2027-11-23' });
    const within = await start.rotate('first', { expires_at: '2027-02-20' });

    expect(beyondOne.answer).toEqual(dateLimit('2027-02-20'));
    expect(beyondBoth.answer).toEqual(
      badRequest(
        'Expiration date must be before 2027-11-22 and Expiration date must be before 2027-02-20',
      ),
    );
    expect(within.answer.status).toBe(200);
  });

  it('keeps to that lifetime where no expiry is required otherwise', async () => {
    await using start = await given({ settings: { secondMaxDays: 90, requireExpiry: false } });

    const beyond = await start.rotate('first', { expires_at: '2027-11-23' });
    const byDefault = await start.rotate('first');

    expect(beyond.answer).toEqual(dateLimit('2027-02-20'));
    expect(byDefault.answer).toMatchObject({ status: 200, body: { expires_at: '2026-11-29' } });
  });

  it('row 73: strikes at midnight UTC, when its day begins', async () => {
    await using start = await given({ token: { expiresAt: '2026-12-01' } });

    start.clock.now = new Date('2026-11-30T23:59:59Z');
    const before = await start.probe('first');
    start.clock.now = new Date('2026-12-01T00:00:00Z');
    const after = await start.probe('first');

    expect(before.answer.status).toBe(200);
    expect(after.answer).toEqual(EXPIRED);
  });

  it('is bounded by the day of the instance, which may be behind UTC', async () => {
    await using start = await given({ settings: { timeZone: 'America/Los_Angeles' } });
    start.clock.now = new Date(`${TODAY}T03:00:00Z`);

    const { answer } = await start.rotate('first', { expires_at: '2027-11-22' });

    expect(answer).toEqual(dateLimit('2027-11-21'));
  });
});
