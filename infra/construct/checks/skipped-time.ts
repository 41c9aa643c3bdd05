import { Token } from 'aws-cdk-lib';
import type { GitLabTokenRotationProps } from '../props.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** Of a leap year. */
const DAYS = 366;

/**
 * A warning if the clocks of `watchTimeZone` skip `watchTime` on a day of the next year: EventBridge
 * Scheduler leaves that day out.
 *
 * A time that a day has twice is well: the schedule runs once then.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
 */
export function skippedTimeWarning(
  { watchTime, watchTimeZone }: GitLabTokenRotationProps,
  now = new Date(),
): string | undefined {
  const zone = watchTimeZone?.timezoneName;
  // No zone of today skips the default time.
  if (!watchTime || zone === undefined || Token.isUnresolved(zone)) {
    return undefined;
  }
  const [hour = 0, minute = 0] = watchTime.split(':').map(Number);
  const offsetAt = offsetsOf(zone);
  const daySkipping = (anHour: number) => firstDayWithout(anHour, minute, { now, offsetAt });
  const day = daySkipping(hour);
  if (day === undefined) {
    return undefined;
  }
  const others = Array.from({ length: 23 }, (_, index) => (hour + index + 1) % 24);
  const safe = others.find((other) => daySkipping(other) === undefined);
  return [
    `watchTime ${watchTime}: on ${day} the clocks of ${zone} skip this time,`,
    'so the watch does not run that day, and its alarm sounds.',
    ...(safe === undefined
      ? []
      : [`Choose a time that every day has, like ${twoDigits(safe)}:${twoDigits(minute)}`]),
  ].join(' ');
}

/** From the offset of the zone alone: whatever zone the machine is in, the answer is the same. */
function firstDayWithout(
  hour: number,
  minute: number,
  { now, offsetAt }: { readonly now: Date; readonly offsetAt: (time: number) => number },
): string | undefined {
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  const walls = Array.from(
    { length: DAYS },
    (_, index) => today + index * DAY_MS + hour * HOUR_MS + minute * 60_000,
  );
  // The clocks show it if it is right by the offset before or after a change.
  const isShown = (wall: number) =>
    [wall - DAY_MS, wall + DAY_MS]
      .map(offsetAt)
      .some((offset) => offsetAt(wall - offset) === offset);
  const skipped = walls.find((wall) => !isShown(wall));
  return skipped === undefined ? undefined : new Date(skipped).toISOString().slice(0, 10);
}

/** How far the clocks of a zone are ahead of UTC at a time, in milliseconds. */
function offsetsOf(timeZone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  return (time) => {
    // Like "3/28/2027, GMT+01:00"; UTC is "GMT" alone.
    const [, sign = '+', hours = 0, minutes = 0] =
      /GMT([+-])(\d\d):(\d\d)/.exec(format.format(time)) ?? [];
    return Number(`${sign}1`) * (Number(hours) * HOUR_MS + Number(minutes) * 60_000);
  };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
