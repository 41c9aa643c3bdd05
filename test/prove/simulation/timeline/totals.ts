import { tableRow } from '../../../rig/table-row.ts';
import { changesFound, unavoidableAfterChanges } from './story.ts';
import { DAY_MS, type Timeline } from './timeline.ts';
import { countText, durationText, STRATEGY_NAMES } from './words.ts';

/** What one simulation comes to. */
export interface Totals {
  /** Rotations that the schedule began, again after a failure included. */
  readonly rotations: number;
  /** Of these, the ones in which something was made to go wrong. */
  readonly disturbed: number;
  /** What people changed between rotations. */
  readonly changes: number;
  /** How long it took, at most, until the watch found such a change. */
  readonly foundAfterMs: number;
  readonly repairs: number;
  readonly alerts: number;
  /** Of all consumers, as all that follows. */
  readonly calls: number;
  readonly unauthorized: number;
  /** 401s while the secret had no active token to offer. */
  readonly unavoidable: number;
  /** Of these, because somebody had revoked its token. */
  readonly revoked: number;
  readonly unanswered: number;
  readonly outages: number;
  readonly longestOutageMs: number;
  /** A rollback to `AWSPREVIOUS` would have brought an active token: share of the time there was one. */
  readonly rollbackShare: number;
}

export function totalsOf(timeline: Timeline): Totals {
  const { consumers, rotations } = timeline;
  const scheduled = rotations.filter(({ by }) => by === 'schedule');
  const outages = consumers
    .flatMap((consumer) => consumer.outages)
    .filter(({ kind }) => kind === 'unauthorized');
  const sum = (name: 'calls' | 'unauthorized' | 'avoidable' | 'unanswered') =>
    consumers.reduce((total, consumer) => total + consumer[name], 0);
  return {
    rotations: scheduled.length,
    disturbed: scheduled.filter(({ fault }) => fault !== undefined).length,
    changes: timeline.changes.length,
    foundAfterMs: Math.max(0, ...changesFound(timeline).map(({ afterMs }) => afterMs)),
    repairs: timeline.repairs.length,
    alerts: timeline.alerts.length,
    calls: sum('calls'),
    unauthorized: sum('unauthorized'),
    unavoidable: sum('unauthorized') - sum('avoidable'),
    revoked: unavoidableAfterChanges(timeline),
    unanswered: sum('unanswered'),
    outages: outages.length,
    longestOutageMs: Math.max(0, ...outages.map(({ from, to }) => to - from)),
    rollbackShare: rollbackShareOf(timeline),
  };
}

function rollbackShareOf({ labels, tokens, days }: Timeline): number {
  const previous = labels.filter(({ label }) => label === 'AWSPREVIOUS');
  const since = Math.min(days * DAY_MS, ...previous.map(({ from }) => from));
  const active = previous.reduce((total, { token, from, to }) => {
    const life = tokens.find(({ name }) => name === token);
    const both = life ? Math.min(to, life.to) - Math.max(from, life.from) : 0;
    return total + Math.max(0, both);
  }, 0);
  const all = days * DAY_MS - since;
  return all === 0 ? 0 : active / all;
}

type Line = readonly [string, (totals: Totals) => string];

const CALLS: readonly Line[] = [
  ['rotations that the schedule began', ({ rotations }) => countText(rotations)],
  ['of these, disturbed by a fault', ({ disturbed }) => countText(disturbed)],
  ['changes by hand between rotations', ({ changes }) => countText(changes)],
  [
    'the watch found each of them within',
    ({ foundAfterMs: ms }) => (ms === 0 ? 'none' : durationText(ms)),
  ],
  ['calls of four consumers', ({ calls }) => countText(calls)],
  ['of these, answered with 401', ({ unauthorized }) => countText(unauthorized)],
  ['401 while the secret had no active token', ({ unavoidable }) => countText(unavoidable)],
  ['of these, after somebody revoked it', ({ revoked }) => countText(revoked)],
];

const OTHERS: readonly Line[] = [
  ['times that a consumer had a revoked token', ({ outages }) => countText(outages)],
  ['the longest of them', ({ longestOutageMs: ms }) => (ms === 0 ? 'none' : durationText(ms))],
  ['calls without an answer, because GitLab was down', ({ unanswered }) => countText(unanswered)],
  [
    '`AWSPREVIOUS` was active, for a rollback',
    ({ rollbackShare }) => `${Math.round(rollbackShare * 100)} % of the time`,
  ],
  ['repairs by a person', ({ repairs }) => countText(repairs)],
  ['alerts', ({ alerts }) => countText(alerts)],
];

/** Each line with a cell for each run, which all have the same consumers. */
function linesOf(timelines: readonly Timeline[]): (readonly [string, readonly string[]])[] {
  const all = timelines.map(totalsOf);
  const fill = ([text, textOf]: Line) => [text, all.map(textOf)] as const;
  const names = timelines[0]?.consumers.map(({ name }) => name) ?? [];
  const ofConsumers = names.map((name, place) => {
    const counts = timelines.map(({ consumers }) => consumers[place]?.avoidable ?? 0);
    return [`the other 401s: ${name}`, counts.map(countText)] as const;
  });
  return [...CALLS.map(fill), ...ofConsumers, ...OTHERS.map(fill)];
}

/** The totals of several runs side by side, as a table in Markdown. */
export function totalsTable(timelines: readonly Timeline[]): string {
  const heads = timelines.map(({ strategy }) => STRATEGY_NAMES[strategy].toLowerCase());
  return [
    `| | ${heads.join(' | ')} |`,
    `| --- |${' --- |'.repeat(heads.length)}`,
    ...linesOf(timelines).map(([text, cells]) => `| ${text} | ${cells.join(' | ')} |`),
  ].join('\n');
}

/** The same for a terminal. */
export function totalsLines(timelines: readonly Timeline[], width: number): string {
  const cells = (texts: readonly string[]) => texts.map((text) => text.padStart(18)).join('');
  const heads = timelines.map(({ strategy }) => STRATEGY_NAMES[strategy].toLowerCase());
  const row = (text: string, texts: readonly string[]) =>
    tableRow(`  ${text.replaceAll('`', '')}`, cells(texts), { width, textWidth: 50 });
  return [row('', heads), ...linesOf(timelines).map(([text, texts]) => row(text, texts))].join(
    '\n',
  );
}
