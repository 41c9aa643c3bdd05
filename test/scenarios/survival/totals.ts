import { codeOf, isLoss } from './code.ts';
import type { Played } from './play.ts';

/** How a rotator came through the matrix: numbers of cells, or of tokens. */
export interface Totals {
  readonly cells: number;
  /** Consumers ended with a living token. */
  readonly alive: number;
  /** A living token is in the secret; a person must make it current. */
  readonly byHand: number;
  /** A living successor, whose value nobody has. */
  readonly lost: number;
  /** Every token dead. */
  readonly killed: number;
  /** Cells in which a dead token was presented to a rotate endpoint. */
  readonly deadPresented: number;
  /** Living tokens that nobody knows, in cells that ended well. */
  readonly orphans: number;
  /** Cells that ended with a dead token for consumers, and in which nobody was told. */
  readonly silent: number;
}

export function totalsOf(played: readonly Played[]): Totals {
  const count = (predicate: (each: Played) => boolean) => played.filter(predicate).length;
  const ends = (each: Played, ...states: string[]) => states.includes(each.outcome.state);
  return {
    cells: played.length,
    alive: count((each) => ends(each, 'rotated', 'kept', 'replaced')),
    byHand: count((each) => ends(each, 'pending', 'unlabelled')),
    lost: count((each) => ends(each, 'lost')),
    killed: count((each) => ends(each, 'killed')),
    deadPresented: count(({ outcome }) => outcome.deadPresented > 0),
    orphans: played
      .filter(({ outcome }) => !isLoss(codeOf(outcome)))
      .reduce((sum, { outcome }) => sum + outcome.orphans, 0),
    silent: count(({ outcome }) => isLoss(codeOf(outcome)) && outcome.alerts.length === 0),
  };
}

const LINES: readonly (readonly [keyof Totals, string])[] = [
  ['cells', 'cells played'],
  ['alive', 'consumers end with a living token'],
  ['byHand', 'a living token is in the secret, to be made current by hand'],
  ['lost', 'the successor lives, and nobody has its value'],
  ['killed', 'every token is dead'],
  ['silent', 'consumers end with a dead token, and the function told nobody'],
  ['deadPresented', 'the rotator presented a dead token to a rotate endpoint'],
  ['orphans', 'living tokens that nobody knows of, where all seems well'],
];

/** The totals of both rotators side by side, as a table in Markdown. */
export function totalsTable(ours: Totals, textbook: Totals): string {
  return [
    '| | this project | textbook rotator |',
    '| --- | --- | --- |',
    ...LINES.map(([name, text]) => `| ${text} | ${ours[name]} | ${textbook[name]} |`),
  ].join('\n');
}

/** The same for a terminal. */
export function totalsLines(ours: Totals | undefined, textbook: Totals | undefined): string {
  const cell = (totals: Totals | undefined, name: keyof Totals) =>
    String(totals?.[name] ?? '-').padStart(10);
  const head = `${' '.repeat(62)}${'ours'.padStart(10)}${'textbook'.padStart(10)}`;
  return [
    head,
    ...LINES.map(
      ([name, text]) => `  ${text.padEnd(60)}${cell(ours, name)}${cell(textbook, name)}`,
    ),
  ].join('\n');
}
