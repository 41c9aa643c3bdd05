import { matchesGlob } from 'node:path';
import type { Cell, Group } from '../cells/cell.ts';
import { type Code, type Entry, firstTold } from './code.ts';

type Place = Pick<Cell, 'group' | 'row' | 'way'>;

/** One cell of a table. */
export interface TableCell extends Place {
  readonly code: Code;
}

/** Reads a table of cells: numbered columns, an empty line, and a line per way. */
export function cellsIn(group: Group, table: string): readonly TableCell[] {
  const [columns = '', grid = ''] = table.trim().split('\n\n');
  const names = new Map(
    [...columns.matchAll(/(\d+) {2,}(\w+(?: \w+(?: \d+)?)?)/g)].map(([, number, name]) => [
      number,
      name,
    ]),
  );
  const [head = '', ...lines] = grid.split('\n');
  const numbers = head.trim().split(/ +/);
  return lines.flatMap((line) => {
    const [way = '', ...codes] = line.split(/ {2,}/);
    return codes.flatMap((code, index): TableCell[] => {
      const row = names.get(numbers[index]) ?? '';
      return code === '-' ? [] : [{ group, row, way, code }];
    });
  });
}

/** What some letters mean in the cells that fit. */
export interface ColumnLine {
  readonly codes: readonly Code[];
  /** A glob for `row / way`. */
  readonly where: string;
  readonly columns: Omit<Entry, 'code' | 'told'>;
  /** As in `Entry`, with `*` for the failure that was told first. */
  readonly told: string;
}

/** Reads the table of columns: a head, and lines of letters, place and columns. */
export function columnLinesIn(table: string): readonly ColumnLine[] {
  const [, ...lines] = table.trim().split('\n');
  return lines.map((line) => {
    const [letters = '', where = '', ended = '', ...rest] = line.split(/ {2,}/);
    const [sent = 0, dead = 0, again = 0, killed = 0, orphans = 0, failed = 0] = rest.map(Number);
    return {
      codes: letters.split(' '),
      where,
      columns: { ended, sent, dead, again, killed, orphans, failed },
      told: rest[6] ?? '',
    };
  });
}

/** For how long the cells that fit may leave consumers with a dead token. */
export interface OutageLine extends Pick<ColumnLine, 'codes' | 'where'> {
  readonly seconds: number;
}

/** Reads the table of outages: a head, and lines of letters, place and seconds. */
export function outageLinesIn(table: string): readonly OutageLine[] {
  const [, ...lines] = table.trim().split('\n');
  return lines.map((line) => {
    const [letters = '', where = '', seconds = ''] = line.split(/ {2,}/);
    return { codes: letters.split(' '), where, seconds: Number(seconds) };
  });
}

/** The last line that fits a cell: what is general stands above what is not. */
export function lineFor<T extends Pick<ColumnLine, 'codes' | 'where'>>(
  lines: readonly T[],
  { row, way, code }: TableCell,
): T | undefined {
  return lines.findLast(
    ({ codes, where }) => codes.includes(code) && matchesGlob(`${row} / ${way}`, where),
  );
}

/** A cell with all its columns; without a line that fits, with its letters only. */
export function entryFor(lines: readonly ColumnLine[], cell: TableCell): Partial<Entry> {
  const { code } = cell;
  const line = lineFor(lines, cell);
  return {
    code,
    ...line?.columns,
    ...(line && { told: line.told.replaceAll('*', firstTold(code)) }),
  };
}
