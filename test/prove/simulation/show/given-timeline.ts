import { CHANGES } from '../course/changes.ts';
import { DISTURBANCES } from '../course/disturbances.ts';
import {
  DAY_MS,
  HOUR_MS,
  type LabelSpan,
  type Outage,
  type Strategy,
  type Timeline,
  type TokenLife,
} from '../timeline/timeline.ts';
import { CONSUMERS } from '../world/consumer.ts';

/** What is to be drawn: a rotation every so many days, and what went wrong in each of them. */
export interface GivenTimeline {
  readonly strategy: Strategy;
  readonly days: number;
  readonly everyDays: number;
  /** Names of disturbances by rotation; an empty one is none. */
  readonly faults: readonly string[];
  /** Names of changes by hand, after every second rotation. */
  readonly changes: readonly string[];
  readonly outageMs: number;
  readonly codes: readonly string[];
}

export const CHANGED = CHANGES.map(({ name }) => name);
export const FAULTS = DISTURBANCES.map(({ name }) => name);

/** A timeline as a simulation could bring it, without simulating anything. */
export function givenTimeline(given: GivenTimeline): Timeline {
  const { strategy, days, everyDays, faults, outageMs, codes } = given;
  const count = Math.ceil(days / everyDays) - 1;
  const times = Array.from({ length: count }, (_, index) => (index + 1) * everyDays * DAY_MS);
  const faultAt = (index: number) => faults[index % Math.max(1, faults.length)] ?? '';
  const disturbed = times.filter((_, index) => faultAt(index) !== '');
  const rotations = times.map((at, index) => ({
    at,
    by: 'schedule' as const,
    succeeded: faultAt(index) === '',
    attempts: 1,
    ...(faultAt(index) !== '' && { fault: faultAt(index) }),
  }));
  const outages = (kind: Outage['kind']) =>
    disturbed.map((from) => ({
      kind,
      from,
      to: Math.min(from + outageMs, days * DAY_MS),
      calls: 1,
      avoidable: 0,
    }));
  const changed = changedIn(times, given);
  const mornings = Array.from({ length: days }, (_, day) => (day + 0.75) * DAY_MS);
  return {
    strategy,
    days,
    seed: 0,
    rotations,
    changes: changed.map(({ at, what }) => ({ at, what })),
    watches: [
      ...mornings.map((at) => ({ at, codes: [] })),
      ...changed.map(({ foundAt: at }) => ({ at, codes: ['REVOKED'], risk: 'consumers' })),
    ].sort((one, other) => one.at - other.at),
    repairs: disturbed.map((at) => ({ at: at + HOUR_MS, what: 'token replaced' })),
    tokens: tokensOf(times, given),
    labels: labelsOf(times, given),
    alerts: disturbed.flatMap((at) =>
      codes.map((code, place) => ({ at: at + place, code, risk: 'none', step: 'createSecret' })),
    ),
    consumers: CONSUMERS.map(({ name }, place) => ({
      name,
      calls: days * 1440,
      made: 0,
      unauthorized: 0,
      avoidable: 0,
      unanswered: 0,
      outages: outages(place === 0 ? 'unanswered' : 'unauthorized'),
    })),
  };
}

/** A day after some rotations, found within the next. */
function changedIn(times: readonly number[], { changes, days }: GivenTimeline) {
  return changes.flatMap((what, index) => {
    const at = (times[2 * index] ?? Number.POSITIVE_INFINITY) + DAY_MS;
    const foundAt = at + 20 * HOUR_MS;
    return foundAt < days * DAY_MS ? [{ at, what, foundAt }] : [];
  });
}

function tokensOf(times: readonly number[], { strategy, days }: GivenTimeline): TokenLife[] {
  const families = strategy === 'single' ? ['A'] : ['A', 'B'];
  const bounds = [0, ...times, days * DAY_MS];
  return families.flatMap((family, place) => {
    const own = bounds.filter((at, index) => index % families.length === place || at === 0);
    return own.map((from, index) => ({
      name: `${family}${index + 1}`,
      family,
      from,
      to: own[index + 1] ?? days * DAY_MS,
      known: index % 3 !== 2,
    }));
  });
}

function labelsOf(times: readonly number[], { days }: GivenTimeline): LabelSpan[] {
  const bounds = [0, ...times, days * DAY_MS];
  return times.flatMap((from, index) => {
    const to = bounds[index + 2] ?? days * DAY_MS;
    return ['AWSCURRENT', 'AWSPREVIOUS'].map((label) => ({
      label,
      version: index + 1,
      token: `A${index + 1}`,
      from,
      to,
    }));
  });
}
