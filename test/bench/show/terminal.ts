import { paragraph, wrap } from '../../../infra/terminal/layout.ts';
import { bad, good, strong } from '../../../infra/terminal/paint.ts';
import { tableRow } from '../../rig/table-row.ts';
import type { Figures } from '../figures/figures.ts';
import { isMet, type Target, targetsOf } from '../figures/targets.ts';
import { recommended } from '../memory/memory.ts';
import { heapText, tablesOf } from './tables.ts';
import { numberText, type Table } from './texts.ts';

const NAME_WIDTH = 40;
/** Where there is less room, a long name gets a line of its own. */
const LEAST_NAME = 30;
const GAP = 2;

/** All of it for a person. */
export function present(figures: Figures, width: number): string {
  const setting = recommended(figures.memory ?? []);
  const sentences = [
    ...(figures.fleet ? [heapText(figures.fleet)] : []),
    ...(setting
      ? [`${setting.megabytes} MB is the smallest setting of which the function uses at most half.`]
      : []),
  ];
  return [
    ...tablesOf(figures).map((table) => presentTable(table, width)),
    ...sentences.map((sentence) => wrap(sentence, width).join('\n')),
    presentTargets(targetsOf(figures), width),
  ].join('\n\n');
}

function presentTable({ title, columns, rows }: Table, width: number): string {
  const texts = [columns, ...rows.map(([, ...cells]) => cells)];
  const widths = columns.map(
    (_, index) => GAP + Math.max(...texts.map((cells) => (cells[index] ?? '').length)),
  );
  const cellsWidth = widths.reduce((sum, each) => sum + each, 0);
  const textWidth = Math.min(NAME_WIDTH, width - cellsWidth);
  const line = (text: string, cells: readonly string[]) => {
    const row = cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('');
    const name = `  ${text}`;
    return name.length < textWidth || textWidth >= LEAST_NAME
      ? tableRow(name, row, { width, textWidth })
      : [...paragraph(name, width), row.padStart(textWidth + cellsWidth)].join('\n');
  };
  return [
    ...wrap(title, width).map(strong),
    '',
    line('', columns),
    ...rows.map(([name, ...cells]) => line(name, cells)),
  ].join('\n');
}

function presentTargets(targets: readonly Target[], width: number): string {
  const line = (target: Target) => {
    const { name, measured, most, unit } = target;
    const verdict = isMet(target) ? good('✓ met   ') : bad('✗ missed');
    const text = `${name}: ${numberText(measured)}, at most ${numberText(most)} ${unit}`.trim();
    const [first = '', ...rest] = wrap(text, width - 11);
    return [`  ${verdict} ${first}`, ...rest.map((more) => ' '.repeat(11) + more)].join('\n');
  };
  return [strong('Targets'), '', ...targets.map(line)].join('\n');
}
