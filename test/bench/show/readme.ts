import { withBlock } from '../../rig/documents/readme-block.ts';
import type { Figures, FleetFigures } from '../figures/figures.ts';
import { LATENCIES } from '../rotation/course.ts';
import { bundleTable, rotationTable } from './tables.ts';
import { numberText, type Table } from './texts.ts';

/** What README shows of a table, each row as a column: its name there, and here. */
type Excerpt = Readonly<Record<string, string>>;

const START: Excerpt = {
  'size of the bundle, KB': 'bundle, KB',
  'import, ms': 'import, ms',
  'from the start of the process to the answer, ms': 'first answer of a new process, ms',
  'memory after it, MB': 'memory after it, MB',
};

const ROTATION: Excerpt = {
  milliseconds: 'a rotation, ms',
  'of these, while consumers have a revoked token': 'of these ms, with a revoked token',
  'of all these, one after another': 'calls, one after another',
  'the same, while consumers have a revoked token': 'of these calls, with a revoked token',
};

/**
 * The README with the main figures of a run between the marks.
 *
 * @throws {Error} where the marks are missing
 */
export function withFigures(readme: string, { bundle, rotation, fleet }: Figures): string {
  const parts = [
    ...(bundle ? [excerptOf(bundleTable(bundle), START)] : []),
    ...(rotation ? [excerptOf(rotationTable(rotation), ROTATION), latencyText()] : []),
    ...(fleet ? [fleetText(fleet)] : []),
  ];
  return withBlock(readme, 'bench', parts.join('\n\n'));
}

function excerptOf({ columns, rows }: Table, excerpt: Excerpt): string {
  const picked = Object.keys(excerpt).map((wanted) => {
    const row = rows.find(([name]) => name === wanted);
    if (row === undefined) {
      throw new Error(`the table has no row "${wanted}"`);
    }
    return row.slice(1);
  });
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['', ...Object.values(excerpt)]),
    line(['---', ...picked.map(() => '---')]),
    ...columns.map((name, index) => line([name, ...picked.map((cells) => cells[index] ?? '')])),
  ].join('\n');
}

function latencyText(): string {
  const { GitLab: gitlab, 'Secrets Manager': store } = LATENCIES;
  return `In the second table, GitLab answers after ${gitlab} ms, and Secrets Manager after ${store} ms.`;
}

function fleetText({ fleets }: FleetFigures): string {
  const [few, many] = [fleets[1] ?? fleets[0], fleets.at(-1)];
  if (few === undefined || many === undefined) {
    return '';
  }
  const [secrets, rotated, lost, healed, refused, calls, seconds] = [
    many.secrets,
    many.rotated,
    many.lost,
    many.healed,
    many.refused,
    many.callsPerSecret,
    many.seconds.median,
  ].map(numberText);
  return [
    `${secrets} secrets with a recovery credential are due in the same hour. 25 begin each minute, and one call in a hundred fails:`,
    `${rotated} are rotated, of which the credential recovered ${healed}, and ${lost} are lost. GitLab's rate limit refuses ${refused} requests. Each`,
    `takes ${calls} calls and ${seconds} seconds (median). With ${numberText(few.secrets)} secrets, each takes ${numberText(few.callsPerSecret)} calls and ${numberText(few.seconds.median)} seconds.`,
  ].join('\n');
}
