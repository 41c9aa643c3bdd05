import { DAY_MS, type Timeline } from './timeline.ts';

/** Something that went wrong, and what came of it: a disturbed rotation, or a change by hand. */
export interface Incident {
  readonly at: number;
  /** In a word or two. */
  readonly what: string;
  /** How long after a change the watch first found something. */
  readonly foundAfterMs?: number;
  /** What was told, each once, in the order of its first alert. */
  readonly told: readonly Told[];
  /** By a person, so long after it began. */
  readonly repair?: { readonly what: string; readonly afterMs: number };
  /** Until a rotation went through, at the latest. */
  readonly overAfterMs: number;
  /** For how long, at most, a consumer got 401 meanwhile; 0 where there was none. */
  readonly outageMs: number;
}

/** Alerts of one code. */
export interface Told {
  readonly code: string;
  readonly risk: string;
  readonly times: number;
}

/** Something that went wrong, and until when what follows comes of it. */
interface Beginning extends Pick<Incident, 'at' | 'what' | 'foundAfterMs'> {
  readonly until: number;
}

/** All that went wrong, each with what followed before the next. */
export function incidentsOf(timeline: Timeline): readonly Incident[] {
  return [...rotationsDisturbed(timeline), ...changesMade(timeline)]
    .sort((one, other) => one.at - other.at)
    .map((beginning) => incidentOf(timeline, beginning));
}

/** The changes that the watch found, each with how long that took. */
export function changesFound(timeline: Timeline) {
  return changesMade(timeline).flatMap(({ at, what, foundAfterMs: afterMs }) =>
    afterMs === undefined ? [] : [{ at, what, afterMs }],
  );
}

/** Calls that were answered with 401 while no token of the secret was active, after such a change. */
export function unavoidableAfterChanges(timeline: Timeline): number {
  const changes = changesMade(timeline);
  return timeline.consumers
    .flatMap(({ outages }) => outages)
    .filter(({ kind }) => kind === 'unauthorized')
    .filter(({ from }) => changes.some(({ at, until }) => from >= at && from < until))
    .reduce((sum, { calls, avoidable }) => sum + calls - avoidable, 0);
}

function rotationsDisturbed(timeline: Timeline): readonly Beginning[] {
  return timeline.rotations.flatMap(({ at, fault: what }, place) => {
    const change = timeline.changes.find((each) => each.at >= at)?.at;
    const until = Math.min(change ?? Number.POSITIVE_INFINITY, endOf(timeline, place));
    return what === undefined ? [] : [{ at, what, until }];
  });
}

function changesMade({ changes, rotations, watches, days }: Timeline): readonly Beginning[] {
  return changes.map(({ at, what }) => {
    const next = rotations.find((rotation) => rotation.by === 'schedule' && rotation.at > at);
    const until = next?.at ?? days * DAY_MS;
    const found = watches.find((each) => each.at > at && each.codes.length > 0);
    const isFound = found !== undefined && found.at < until;
    return { at, what, until, ...(isFound && { foundAfterMs: found.at - at }) };
  });
}

function incidentOf(timeline: Timeline, { until, ...beginning }: Beginning): Incident {
  const { at } = beginning;
  const within = (moment: number) => moment >= at && moment < until;
  const over = timeline.rotations.find((rotation) => rotation.at >= at && rotation.succeeded);
  const repair = timeline.repairs.find((each) => within(each.at));
  const outages = timeline.consumers.flatMap(({ outages: all }) =>
    all
      .filter(({ kind, from }) => kind === 'unauthorized' && within(from))
      .map(({ from, to }) => to - from),
  );
  return {
    ...beginning,
    told: toldOf(timeline.alerts.filter((alert) => within(alert.at))),
    ...(repair && { repair: { what: repair.what, afterMs: repair.at - at } }),
    overAfterMs: (over?.at ?? until) - at,
    outageMs: Math.max(0, ...outages),
  };
}

/** Until the rotation that follows the one that went through at last. */
function endOf({ rotations, days }: Timeline, place: number): number {
  const over = rotations.findIndex(({ succeeded }, index) => index >= place && succeeded);
  const next = over === -1 ? undefined : rotations[over + 1];
  return next?.at ?? days * DAY_MS;
}

function toldOf(alerts: Timeline['alerts']): readonly Told[] {
  const codes = [...new Set(alerts.map(({ code }) => code))];
  return codes.map((code) => {
    const own = alerts.filter((alert) => alert.code === code);
    return { code, risk: own[0]?.risk ?? '', times: own.length };
  });
}
