import { styleText } from 'node:util';
import { paragraph, wrap } from '../../../../infra/terminal/layout.ts';
import { type Group, keyOf } from '../cells/cell.ts';
import { type Code, codeOf, type Entry, entryOf, isLoss } from '../outcome/code.ts';
import { EXPECTED, longestOutage } from '../outcome/expectations.ts';
import { todoOf } from '../outcome/outcome.ts';
import type { Played } from '../outcome/played.ts';

/** Blanks between two columns. */
const GAP = 2;

const TITLES: Readonly<Record<Group, string>> = {
  calls: 'Every call of a rotation, and how it can go wrong',
  steps: 'Every step, as Secrets Manager delivers it',
  'stale reads': 'Reads that miss the last writes, from a step on',
  alerts: 'Telling of a failure (the token lacks its scope)',
  healing: 'After a lost answer: every call of the search for the successor',
  salvage: 'After a rotation that was given up: every call of the search in the secret',
  'two at once': 'The step runs twice at once, and GitLab serves both: the superfluous token',
};

type Style = Parameters<typeof styleText>[0];

/** `styleText` leaves out colours where nobody sees them, and where NO_COLOR asks for it. */
function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** The matrix of one setup as tables: a column per call, a line per way to fail. */
export function presentMatrix(played: readonly Played[], width: number): string {
  const groups = [...new Set(played.map(({ cell }) => cell.group))];
  return groups
    .map((group) =>
      presentGroup(
        group,
        played.filter(({ cell }) => cell.group === group),
        width,
      ),
    )
    .join('\n\n');
}

function presentGroup(group: Group, played: readonly Played[], width: number): string {
  const rows = [...new Set(played.map(({ cell }) => cell.row))];
  const ways = [...new Set(played.map(({ cell }) => cell.way))];
  const wayWidth = widest(ways) + GAP;
  const codeWidth = widest([...played.map(textOf), String(rows.length)]) + GAP;
  const numbered = rows.map((row, index) => ({ row, number: String(index + 1) }));
  const perBlock = Math.max(1, Math.floor((width - 2 - wayWidth) / codeWidth));
  const block = (columns: typeof numbered) => {
    const line = (way: string) => {
      const codes = columns.map(({ row }) => {
        const found = played.find(({ cell }) => cell.row === row && cell.way === way);
        return found === undefined ? ''.padEnd(codeWidth) : presentCode(found, codeWidth);
      });
      return `  ${way.padEnd(wayWidth)}${codes.join('')}`.trimEnd();
    };
    const numbers = columns.map(({ number }) => number.padEnd(codeWidth)).join('');
    return ['', `  ${''.padEnd(wayWidth)}${numbers}`.trimEnd(), ...ways.map(line)];
  };
  return [
    ...wrap(TITLES[group], width).map((text) => paint('bold', text)),
    '',
    ...numbered.map(({ row, number }) => `  ${number.padEnd(4)}${row}`),
    ...chunks(numbered, perBlock).flatMap(block),
  ].join('\n');
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return items.length === 0 ? [] : [items.slice(0, size), ...chunks(items.slice(size), size)];
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map(({ length }) => length));
}

/** The letters of a cell, and a mark where nobody expected them. */
function textOf(played: Played): string {
  const code = codeOf(played.outcome);
  return deviations(played).length === 0 ? code : `${code}!`;
}

function presentCode(played: Played, width: number): string {
  const text = textOf(played);
  const style: Style = text.endsWith('!') ? ['bold', 'red'] : styleOf(codeOf(played.outcome));
  return paint(style, text.padEnd(width));
}

function styleOf(code: Code): Style {
  if (isLoss(code)) {
    return /^[LD]/.test(code) ? 'red' : 'yellow';
  }
  return code === '.' ? 'dim' : 'green';
}

/** Cells that are not what was written down, one to a line. */
export function presentSurprises(played: readonly Played[]): string[] {
  return played
    .map((each) => [each, deviations(each)] as const)
    .filter(([, found]) => found.length > 0)
    .map(([{ setup, cell }, found]) => `${setup}: ${keyOf(cell)}: ${found.join('; ')}`);
}

/** In which columns a cell is not what was written down. */
export function deviations(played: Played): string[] {
  const { setup, cell, outcome } = played;
  if (setup === 'textbook') {
    // Nobody wrote down how it loses.
    return [];
  }
  const expected = EXPECTED[setup].get(keyOf(cell)) ?? {};
  const found = Object.entries(entryOf(outcome)).flatMap(([column, value]) => {
    const written = expected[column as keyof Entry];
    return value === written ? [] : [`${column} ${value}, expected ${written ?? 'nothing'}`];
  });
  return isOutageTooLong(played)
    ? [...found, `AWSCURRENT dead for ${outcome.deadSeconds} s, longer than expected`]
    : found;
}

/** Whether consumers had a dead token for longer than was written down; not where they end with one. */
export function isOutageTooLong({ setup, cell, outcome }: Played): boolean {
  const { deadSeconds } = outcome;
  const longest = longestOutage(setup, { ...cell, code: codeOf(outcome) });
  return Number.isFinite(deadSeconds) && deadSeconds > longest;
}

/** One cell in full, for who looks for something. */
export function presentCell({ setup, cell, outcome }: Played, width: number): string {
  const { rotation, attempts, state, standby, deadSeconds, rotateRequests, alerts } = outcome;
  const { deadPresented, deadRepeated } = outcome;
  const dead = Number.isFinite(deadSeconds) ? `for ${deadSeconds} s` : 'to the end';
  const lines = [
    `  ${cell.summary}`,
    `  rotation ${rotation}; ${state}; attempts: ${attempts}; rotate requests: ${rotateRequests}`,
    ...(standby === undefined ? [] : [`  the family of the standby: ${standby}`]),
    `  of these with a dead token: ${deadPresented}; sent a second time on the way: ${deadRepeated}`,
    `  AWSCURRENT dead ${dead}; successors killed: ${outcome.killed}; orphans: ${outcome.orphans}`,
    ...alerts.map(({ step, code, risk }) => `  told: ${code} in ${step}, risk ${risk}`),
    `  what a person must do: ${todoOf(outcome)}`,
  ];
  return [
    ...wrap(`${setup}: ${keyOf(cell)}`, width).map((text) => paint('bold', text)),
    ...lines.flatMap((line) => paragraph(line, width)),
  ].join('\n');
}
