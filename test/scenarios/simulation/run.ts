// `npm run simulate`: consumers of one secret, for ninety days, with one token and with two.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildBundles } from '../survival/stage.ts';
import { parseOptions, USAGE } from './options.ts';
import { drawTimeline } from './picture/picture.ts';
import { PICTURES, withSimulation } from './readme.ts';
import { simulate } from './simulate.ts';
import { LEGEND, presentTimeline } from './terminal.ts';
import type { Timeline } from './timeline.ts';
import { totalsLines, totalsOf } from './totals.ts';

const README = join(import.meta.dirname, '..', '..', '..', 'README.md');

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  using bundles = buildBundles();
  const timelines = await Promise.all(
    options.strategies.map((strategy) => simulate(strategy, { ...options, bundles })),
  );
  if (options.json) {
    const all = timelines.map((timeline) => ({ ...timeline, totals: totalsOf(timeline) }));
    print(JSON.stringify(all, null, 2));
  } else {
    print([...timelines.map(presentTimeline), LEGEND, totalsLines(timelines)].join('\n\n'));
  }
  if (options.svg !== undefined) {
    writePictures(timelines, options.svg);
  }
  if (options.readme) {
    for (const timeline of timelines) {
      const file = join(import.meta.dirname, PICTURES[timeline.strategy]);
      writeFileSync(file, drawTimeline(timeline));
    }
    writeFileSync(README, withSimulation(readFileSync(README, 'utf8'), timelines));
  }
}

function writePictures(timelines: readonly Timeline[], file: string): void {
  for (const timeline of timelines) {
    const own = file.replace(/\.svg$/, `-${timeline.strategy}.svg`);
    writeFileSync(timelines.length === 1 ? file : own, drawTimeline(timeline));
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.stderr.write('See npm run simulate -- --help\n');
  process.exitCode = 2;
}
