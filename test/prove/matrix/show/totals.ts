import { beside } from '../../../../infra/terminal/layout.ts';
import { SETUP_NAMES, SETUPS, type SetupName } from '../../../rig/stage/setups.ts';
import { tableRow } from '../../../rig/table-row.ts';
import { codeOf, isLoss } from '../outcome/code.ts';
import { isToldByAws } from '../outcome/outcome.ts';
import type { Played } from '../outcome/played.ts';

/** How one setup came through the matrix: numbers of cells, or of tokens. */
export interface Totals {
  readonly cells: number;
  /** Consumers ended with an active token. */
  readonly active: number;
  /** Consumers had a dead token at some moment. */
  readonly everDead: number;
  /** An active token is in the secret, and the next rotation finds it. */
  readonly mended: number;
  /** The next rotation finds it, once a person has unblocked that. */
  readonly unblocked: number;
  /** An active token is in the secret; a person must make it current. */
  readonly byHand: number;
  /** An active successor, whose value nobody has. */
  readonly lost: number;
  /** Every token dead. */
  readonly killed: number;
  /** Cells in which a dead token was presented to a rotate endpoint. */
  readonly deadPresented: number;
  /** Active tokens that nobody knows, in cells that ended well. */
  readonly orphans: number;
  /** Cells that ended with a dead token for consumers, and of which the function told nobody. */
  readonly silent: number;
  /** Of these, the ones for which AWS has an event of its own. */
  readonly silentToldByAws: number;
  /** Alternating: consumers have an active token, and the standby must be replaced by hand. */
  readonly standbyLost: number;
}

export type AllTotals = Readonly<Record<SetupName, Totals>>;

export function totalsOfAll(played: readonly Played[]): AllTotals {
  return Object.fromEntries(
    SETUP_NAMES.map((name) => [name, totalsOf(played.filter(({ setup }) => setup === name))]),
  ) as AllTotals;
}

function totalsOf(played: readonly Played[]): Totals {
  const count = (predicate: (each: Played) => boolean) => played.filter(predicate).length;
  const ends = ({ outcome }: Played, ...states: string[]) => states.includes(outcome.state);
  const isMended = ({ outcome }: Played) => outcome.mended === 'by the next rotation';
  const isUnblocked = ({ outcome }: Played) => outcome.mended === 'once unblocked';
  const isLeft = (each: Played) => !isMended(each) && !isUnblocked(each);
  const isDead = ({ outcome }: Played) => isLoss(codeOf(outcome));
  const isSilent = (each: Played) => isDead(each) && each.outcome.alerts.length === 0;
  return {
    cells: played.length,
    active: count((each) => !isDead(each)),
    everDead: count(({ outcome }) => outcome.everDead),
    mended: count((each) => isDead(each) && isMended(each)),
    unblocked: count((each) => isDead(each) && isUnblocked(each)),
    byHand: count((each) => ends(each, 'pending', 'unlabelled') && isLeft(each)),
    lost: count((each) => ends(each, 'lost') && isLeft(each)),
    killed: count((each) => ends(each, 'killed')),
    deadPresented: count(({ outcome }) => outcome.deadPresented > 0),
    orphans: played
      .filter((each) => !isDead(each) && each.outcome.standby !== 'lost')
      .reduce((sum, { outcome }) => sum + outcome.orphans, 0),
    silent: count(isSilent),
    silentToldByAws: count((each) => isSilent(each) && isToldByAws(each.outcome)),
    standbyLost: count(
      (each) => !isDead(each) && (each.outcome.standby ?? 'active') !== 'active' && !isMended(each),
    ),
  };
}

const LINES: readonly (readonly [keyof Totals, string])[] = [
  ['cells', 'cells played'],
  ['active', 'consumers end with an active token'],
  ['mended', 'they end with a revoked one; the next rotation repairs it'],
  ['unblocked', 'the same, after a person has unblocked the rotation'],
  ['byHand', 'a person must make the new version current'],
  ['lost', 'the new token is active, but nobody has its value'],
  ['killed', 'every token is revoked'],
  ['everDead', 'consumers had a revoked token, if only for a moment'],
  ['standbyLost', 'consumers are not affected, but a person must act on the standby'],
  ['silent', 'consumers end with a revoked token, and the function sent no alert'],
  ['silentToldByAws', 'of these, reported by an event of AWS, if there is a trail'],
  ['deadPresented', 'the function sent a revoked token to a rotate endpoint'],
  ['orphans', 'active tokens that nobody knows of, where all seems well'],
];

/** A number; of the textbook rotator no further rotation is played. */
function cellOf(totals: AllTotals, name: keyof Totals) {
  return (setup: SetupName) =>
    setup === 'textbook' && (name === 'mended' || name === 'unblocked') ? '-' : totals[setup][name];
}

/** The totals of all setups side by side, as a table in Markdown. */
export function totalsTable(totals: AllTotals): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [
    row(['', ...SETUP_NAMES]),
    row(['---', ...SETUP_NAMES.map(() => '---')]),
    ...LINES.map(([name, text]) => row([text, ...SETUP_NAMES.map(cellOf(totals, name))])),
  ].join('\n');
}

/** All of it in one line. */
export function totalsLine(totals: AllTotals, worse: number): string {
  const cells = SETUP_NAMES.reduce((sum, setup) => sum + totals[setup].cells, 0);
  const ends = SETUP_NAMES.filter((setup) => totals[setup].cells > 0).map(
    (setup) => `${totals[setup].active} of ${totals[setup].cells} (${setup})`,
  );
  return `cells: ${cells}; consumers end with an active token in ${ends.join(', ')}; ${worse === 0 ? 'none' : worse} other than expected`;
}

/** The same for a terminal: a letter for each setup, explained above. */
export function totalsLines(totals: AllTotals, width: number): string {
  const letter = (index: number) => String.fromCharCode('A'.charCodeAt(0) + index);
  const cells = (texts: readonly (string | number)[]) =>
    texts.map((text) => String(text).padStart(6)).join('');
  const row = (text: string, texts: readonly (string | number)[]) =>
    tableRow(`  ${text}`, cells(texts), { width, textWidth: 68 });
  return [
    ...SETUP_NAMES.flatMap((setup, index) =>
      beside(`  ${letter(index)}  `, SETUPS[setup].title, width),
    ),
    '',
    row(
      '',
      SETUP_NAMES.map((_, index) => letter(index)),
    ),
    ...LINES.map(([name, text]) => row(text, SETUP_NAMES.map(cellOf(totals, name)))),
  ].join('\n');
}
