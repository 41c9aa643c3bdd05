// `npm run simulate`: consumers of one secret, for ninety days, with one token and with two.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { print, printStatus, runCommand } from '../../../infra/terminal/command.ts';
import { outputWidth } from '../../../infra/terminal/layout.ts';
import { buildBundles } from '../../rig/stage/stage.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { drawTimeline } from './picture/picture.ts';
import { PICTURES, withComparison } from './readme.ts';
import { legend, presentTimeline } from './show/terminal.ts';
import { simulate } from './simulate.ts';
import type { Timeline } from './timeline/timeline.ts';
import { totalsLines, totalsOf } from './timeline/totals.ts';

const README = join(import.meta.dirname, 'README.md');

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    print(usage(outputWidth()));
    return 0;
  }
  if (options.svg !== undefined && !existsSync(dirname(options.svg))) {
    throw new Error(`--svg: there is no folder ${dirname(options.svg)}`);
  }
  const timelines = await simulateAll(options);
  if (options.json) {
    const all = timelines.map((timeline) => ({ ...timeline, totals: totalsOf(timeline) }));
    print(JSON.stringify(all, null, 2));
  } else {
    const width = outputWidth();
    const parts = timelines.map((timeline) => presentTimeline(timeline, width));
    print([...parts, legend(width), totalsLines(timelines, width)].join('\n\n'));
  }
  if (options.svg !== undefined) {
    writePictures(timelines, options.svg);
  }
  if (options.readme) {
    for (const timeline of timelines) {
      const file = join(import.meta.dirname, PICTURES[timeline.strategy]);
      writeFileSync(file, drawTimeline(timeline));
    }
    writeFileSync(README, withComparison(readFileSync(README, 'utf8'), timelines));
  }
  return 0;
}

async function simulateAll({ strategies, ...props }: Options): Promise<readonly Timeline[]> {
  using bundles = buildBundles();
  printStatus(`${props.days} days take some seconds`);
  const work = strategies.map((strategy) => simulate(strategy, { ...props, bundles }));
  return await Promise.all(work).finally(() => printStatus(''));
}

function writePictures(timelines: readonly Timeline[], file: string): void {
  for (const timeline of timelines) {
    const own =
      timelines.length === 1 ? file : file.replace(/\.svg$/, `-${PICTURES[timeline.strategy]}`);
    writeFileSync(own, drawTimeline(timeline));
    // Not to the output, which may be JSON.
    process.stderr.write(`picture: ${own}\n`);
  }
}

await runCommand('npm run simulate', main);
