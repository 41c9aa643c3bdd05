import { Lazy, TimeZone } from 'aws-cdk-lib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { skippedTimeWarning } from '../../../../infra/construct/checks/skipped-time.ts';
import { rotationStack, warningsOf } from '../../cdk-app.ts';

const NOW = new Date('2026-11-30T12:00:00Z');

function warningFor(watchTime: string | false | undefined, zone?: string): string | undefined {
  const gitlabUrl = 'https://gitlab.example.com';
  const props = {
    ...(watchTime !== undefined && { watchTime }),
    ...(zone !== undefined && { watchTimeZone: TimeZone.of(zone) }),
  };
  return skippedTimeWarning({ gitlabUrl, ...props }, NOW);
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a time that the clocks skip', () => {
  it('is warned of at synthesis, with what happens and a time that is safe', () => {
    expect(
      warningsOf(rotationStack({ watchTime: '02:30', watchTimeZone: TimeZone.EUROPE_BERLIN })),
    ).toEqual([
      expect.stringMatching(
        /^watchTime 02:30: on \d{4}-03-\d\d the clocks of Europe\/Berlin skip this time, so the watch does not run that day, and its alarm sounds\. Choose a time that every day has, like 03:30$/,
      ),
    ]);
  });

  it.each([
    ['02:00', 'Europe/Berlin', '2027-03-28', '03:00'],
    ['02:59', 'Europe/Berlin', '2027-03-28', '03:59'],
    ['01:30', 'Europe/London', '2027-03-28', '02:30'],
    ['02:30', 'America/New_York', '2027-03-14', '03:30'],
    ['00:30', 'Africa/Cairo', '2027-04-30', '01:30'],
    ['00:30', 'America/Havana', '2027-03-14', '01:30'],
    ['00:30', 'America/Santiago', '2027-09-05', '01:30'],
    ['00:30', 'Asia/Beirut', '2027-03-28', '01:30'],
    ['00:30', 'Atlantic/Azores', '2027-03-28', '01:30'],
    // Two hours at once.
    ['01:15', 'Antarctica/Troll', '2027-03-28', '03:15'],
    // Half an hour.
    ['02:15', 'Australia/Lord_Howe', '2027-10-03', '03:15'],
    // An offset of nine hours and a half.
    ['02:45', 'Australia/Adelaide', '2027-10-03', '03:45'],
    // The last hour of a Saturday.
    ['23:30', 'America/Nuuk', '2027-03-27', '00:30'],
  ])('is found: %s %s', (time, zone, day, safe) => {
    const warning = warningFor(time, zone);

    expect(warning).toContain(`on ${day} the clocks of ${zone} skip`);
    expect(warning).toMatch(new RegExp(`like ${safe}$`));
  });

  it('has no other to choose where a zone skips a whole day, as Apia did', () => {
    const props = { gitlabUrl: 'https://gitlab.example.com', watchTime: '06:00' };
    const zone = { watchTimeZone: TimeZone.of('Pacific/Apia') };

    expect(skippedTimeWarning({ ...props, ...zone }, new Date('2011-06-01'))).toMatch(
      /on 2011-12-30 the clocks .* its alarm sounds\.$/,
    );
  });

  it.each([
    ['UTC', 0],
    ['Africa/Cairo', 2],
    ['America/Santiago', 21],
    ['Asia/Kolkata', 5],
  ])('is the same wherever the machine is, as in %s', (machine, hour) => {
    vi.stubEnv('TZ', machine);

    expect(new Date('2026-11-30T00:00:00Z').getHours()).toBe(hour);
    expect(warningFor('00:30', 'Africa/Cairo')).toContain('on 2027-04-30 ');
    expect(warningFor('03:00', 'Europe/Berlin')).toBeUndefined();
  });
});

describe('there is no warning', () => {
  it.each<[string | false | undefined, string | undefined]>([
    ['01:59', 'Europe/Berlin'],
    ['03:00', 'Europe/Berlin'],
    ['02:45', 'Australia/Lord_Howe'],
    ['01:35', 'Australia/Adelaide'],
    ['02:30', 'Asia/Kolkata'],
    ['00:30', 'Etc/UTC'],
    ['02:30', undefined],
    [undefined, 'Europe/Berlin'],
    [false, undefined],
    // A day has these twice: EventBridge Scheduler runs once then.
    ['01:30', 'America/New_York'],
    ['23:30', 'Africa/Cairo'],
    // Not known at synthesis.
    ['02:30', Lazy.string({ produce: () => 'Europe/Berlin' })],
  ])('for %s %s', (time, zone) => {
    expect(warningFor(time, zone)).toBeUndefined();
  });
});
