// `npm run simulate`: consumers of one secret, for ninety days, with one token and with two.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildBundles } from '../survival/stage.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
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
  if (options.svg !== undefined && !existsSync(dirname(options.svg))) {
    throw new Error(`--svg: there is no folder ${dirname(options.svg)}`);
  }
  const timelines = await simulateAll(options);
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

async function simulateAll({ strategies, ...props }: Options): Promise<readonly Timeline[]> {
  using bundles = buildBundles();
  progress(`${props.days} days take some seconds`);
  const work = strategies.map((strategy) => simulate(strategy, { ...props, bundles }));
  return await Promise.all(work).finally(() => progress(''));
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

/** On a line of its own that is written over, where a person looks. */
function progress(text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r${text.padEnd(40)}${text === '' ? '\r' : ''}`);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.stderr.write('See npm run simulate -- --help\n');
  process.exitCode = 2;
}
