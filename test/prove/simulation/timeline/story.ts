import { DAY_MS, type Timeline } from './timeline.ts';

/** One rotation of the schedule that did not go as it should, and what came of it. */
export interface Incident {
  readonly at: number;
  /** In a word or two. */
  readonly fault: string;
  /** What was told, each once, in the order of its first alert. */
  readonly told: readonly Told[];
  /** By a person, so long after the rotation began. */
  readonly repair?: { readonly what: string; readonly afterMs: number };
  /** Until a rotation went through. */
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

/** The disturbed rotations, each with what followed before the schedule's next one. */
export function incidentsOf(timeline: Timeline): readonly Incident[] {
  return timeline.rotations.flatMap((rotation, place): Incident[] => {
    const { fault, at } = rotation;
    if (fault === undefined) {
      return [];
    }
    const over = timeline.rotations.slice(place).find(({ succeeded }) => succeeded);
    const until = endOf(timeline, place);
    const within = (moment: number) => moment >= at && moment < until;
    const repair = timeline.repairs.find((each) => within(each.at));
    const outages = timeline.consumers.flatMap(({ outages: all }) =>
      all
        .filter(({ kind, from }) => kind === 'unauthorized' && within(from))
        .map(({ from, to }) => to - from),
    );
    return [
      {
        at,
        fault,
        told: toldOf(timeline.alerts.filter((alert) => within(alert.at))),
        ...(repair && { repair: { what: repair.what, afterMs: repair.at - at } }),
        overAfterMs: (over?.at ?? until) - at,
        outageMs: Math.max(0, ...outages),
      },
    ];
  });
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
