import { beside, paragraph } from '../../../../infra/terminal/layout.ts';
import { bad, faint, good, strong } from '../../../../infra/terminal/paint.ts';
import { type Incident, incidentsOf } from '../timeline/story.ts';
import {
  DAY_MS,
  type LabelSpan,
  type Outage,
  type Timeline,
  type TokenLife,
} from '../timeline/timeline.ts';
import { dayText, durationText, STRATEGY_NAMES } from '../timeline/words.ts';

/** Columns of the timeline, at most; with the names of the lanes it fits a terminal of 80. */
const MOST_COLUMNS = 56;
const NAME_WIDTH = 22;

/** One column's stretch of time. */
interface Column {
  readonly from: number;
  readonly to: number;
}

type Paint = (text: string) => string;
const plain: Paint = (text) => text;

/** The timeline of one simulation as lanes of characters, and its incidents one to a line. */
export function presentTimeline(timeline: Timeline, width: number): string {
  const columns = columnsOf(timeline, Math.min(MOST_COLUMNS, width - 2 - NAME_WIDTH));
  const families = [...new Set(timeline.tokens.map(({ family }) => family))].sort();
  const lanes = [
    lane('day', axis(timeline, columns.length)),
    lane('watch', watchLane(timeline, columns)),
    lane('rotations', rotationsLane(timeline, columns)),
    ...families.map((family) => lane(`tokens ${family}`, tokensLane(timeline, family, columns))),
    ...['AWSCURRENT', 'AWSPREVIOUS'].map((label) =>
      lane(label, labelLane(timeline, label, columns)),
    ),
    ...timeline.consumers.map(({ name, outages }) => lane(name, consumerLane(outages, columns))),
    lane('alerts', alertsLane(timeline, columns)),
  ];
  const title = `${STRATEGY_NAMES[timeline.strategy]}, ${timeline.days} days, seed ${timeline.seed}`;
  const incidents = incidentsOf(timeline).flatMap((incident) => incidentLines(incident, width));
  const told = incidents.length === 0 ? ['  nothing went wrong'] : incidents;
  return [strong(title), '', ...lanes, '', ...told].join('\n');
}

const SIGNS: Readonly<Record<string, string>> = {
  watch: '. ran each morning   ! found something',
  rotations: '| went through   x failed',
  tokens: '# current   - alive, not current   ? alive, but nobody has its value',
  labels: 'the version, while its token is alive   . while it is dead',
  consumers: '- accepted   x some 401   o some without an answer',
};

export function legend(width: number): string {
  return Object.entries(SIGNS)
    .flatMap(([name, text]) => beside(name.padEnd(11), text, width))
    .join('\n');
}

function columnsOf({ days }: Timeline, length: number): readonly Column[] {
  const stretch = (days * DAY_MS) / length;
  return Array.from({ length }, (_, index) => ({
    from: index * stretch,
    to: (index + 1) * stretch,
  }));
}

function lane(name: string, text: string): string {
  return `  ${name.padEnd(NAME_WIDTH)}${text}`.trimEnd();
}

function axis({ days }: Timeline, length: number): string {
  const step = Math.max(10, Math.ceil(days / 90) * 10);
  const marks = Array.from({ length: Math.floor(days / step) + 1 }, (_, index) => index * step);
  let text = '';
  for (const mark of marks) {
    const column = Math.round((mark / days) * length);
    text = column < length ? `${text.padEnd(column)}${mark}` : text;
  }
  return text;
}

function watchLane({ watches }: Timeline, columns: readonly Column[]): string {
  return paintColumns(columns, (column) => {
    const here = watches.filter(({ at }) => isIn(at, column));
    const found = here.filter(({ codes }) => codes.length > 0);
    if (found.length > 0) {
      return ['!', found.some(({ risk }) => risk !== 'none') ? bad : strong];
    }
    return here.length === 0 ? [' ', plain] : ['.', good];
  });
}

function rotationsLane({ rotations }: Timeline, columns: readonly Column[]): string {
  return paintColumns(columns, (column) => {
    const here = rotations.filter(({ at }) => isIn(at, column));
    if (here.some(({ succeeded }) => !succeeded)) {
      return ['x', bad];
    }
    return here.length === 0 ? [' ', plain] : ['|', good];
  });
}

function tokensLane(timeline: Timeline, family: string, columns: readonly Column[]): string {
  const own = timeline.tokens.filter((token) => token.family === family);
  const current = timeline.labels.filter(({ label }) => label === 'AWSCURRENT');
  return paintColumns(columns, (column) => {
    const here = own.filter((token) => isIn(token.from, column) || shareOf(token, column) > 0);
    if (here.some(({ known }) => !known)) {
      return ['?', bad];
    }
    const token = longest(here, column);
    if (token === undefined) {
      return [' ', plain];
    }
    const isCurrent = current.some(
      (span) => span.token === token.name && 2 * shareOf(span, column) > shareOf(token, column),
    );
    return isCurrent ? ['#', good] : ['-', faint];
  });
}

function labelLane(timeline: Timeline, label: string, columns: readonly Column[]): string {
  const spans = timeline.labels.filter((span) => span.label === label);
  let shown = 0;
  let rest = '';
  return paintColumns(columns, (column) => {
    const span = longest(spans, column);
    if (span === undefined) {
      return [' ', plain];
    }
    if (span.version !== shown) {
      shown = span.version;
      rest = String(shown);
    }
    const isDead = lifeOf(timeline, span).every(
      ({ to, from }) => to <= column.from || from >= column.to,
    );
    const char = rest.slice(0, 1) || (isDead ? '.' : '-');
    rest = rest.slice(1);
    return [char, isDead ? bad : good];
  });
}

function lifeOf({ tokens }: Timeline, { token }: LabelSpan): readonly TokenLife[] {
  return tokens.filter(({ name }) => name === token);
}

function consumerLane(outages: readonly Outage[], columns: readonly Column[]): string {
  return paintColumns(columns, (column) => {
    const here = outages.filter(({ from, to }) => from < column.to && to > column.from);
    if (here.some(({ kind }) => kind === 'unauthorized')) {
      return ['x', bad];
    }
    return here.length > 0 ? ['o', faint] : ['-', good];
  });
}

function alertsLane({ alerts }: Timeline, columns: readonly Column[]): string {
  return paintColumns(columns, (column) => {
    const here = alerts.filter(({ at }) => isIn(at, column));
    return here.length === 0 ? [' ', plain] : ['!', here.some(isGrave) ? bad : strong];
  });
}

function isGrave({ risk }: { readonly risk: string }): boolean {
  return risk !== 'none';
}

function incidentLines(incident: Incident, width: number): readonly string[] {
  const { at, what, foundAfterMs, told, repair, overAfterMs, outageMs } = incident;
  const codes = told.map(({ code, times }) => (times === 1 ? code : `${times} x ${code}`));
  const outage = outageMs === 0 ? good('no 401') : bad(`401 for up to ${durationText(outageMs)}`);
  const found =
    foundAfterMs === undefined ? '' : `found by the watch after ${durationText(foundAfterMs)}; `;
  const end = repair
    ? `${repair.what} by a person after ${durationText(repair.afterMs)}`
    : overAfterMs === 0
      ? 'went through at the next attempt'
      : `went through after ${durationText(overAfterMs)}`;
  const blanks = ' '.repeat(12);
  return [
    `  day ${dayText(at)}  ${strong(what)}: ${outage}`,
    ...(codes.length === 0 ? [] : paragraph(`${blanks}${codes.join(', ')}`, width).map(faint)),
    ...paragraph(`${blanks}${found}${end}`, width).map(faint),
  ];
}

/** What takes most of a column. */
function longest<T extends Column>(spans: readonly T[], column: Column): T | undefined {
  const byShare = spans.toSorted((a, b) => shareOf(b, column) - shareOf(a, column));
  return byShare.find((span) => shareOf(span, column) > 0);
}

/** How much of the span is in the column. */
function shareOf({ from, to }: Column, column: Column): number {
  return Math.min(to, column.to) - Math.max(from, column.from);
}

function isIn(at: number, { from, to }: Column): boolean {
  return at >= from && at < to;
}

function paintColumns(
  columns: readonly Column[],
  paintColumn: (column: Column) => readonly [string, Paint],
): string {
  return columns
    .map((column) => {
      const [text, paint] = paintColumn(column);
      return paint(text);
    })
    .join('');
}
