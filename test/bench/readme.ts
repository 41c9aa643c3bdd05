import { withBlock } from '../rig/documents/readme-block.ts';
import type { Figures } from './figures/figures.ts';
import { bundleTable, fleetTable, heapText, rotationTable } from './show/tables.ts';
import type { Table } from './show/texts.ts';

/** The README with the figures of a run between the marks. @throws {Error} where the marks are missing */
export function withFigures(readme: string, { bundle, rotation, fleet }: Figures): string {
  const parts = [
    ...(bundle ? [markdownOf(bundleTable(bundle))] : []),
    ...(rotation ? [markdownOf(rotationTable(rotation))] : []),
    ...(fleet ? [markdownOf(fleetTable(fleet)), heapText(fleet)] : []),
  ];
  return withBlock(readme, 'bench', parts.join('\n\n'));
}

function markdownOf({ title, columns, rows }: Table): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `${title}:`,
    '',
    row(['', ...columns]),
    row(['---', ...columns.map(() => '---')]),
    ...rows.map(row),
  ].join('\n');
}
