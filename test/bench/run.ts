// `npm run bench`: what the function costs and how fast it is, beside a rotator as a user would write it.

import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { createTemporaryFolder } from '../../infra/local/cloud/temporary-folder.ts';
import { print, printStatus, runCommand } from '../../infra/terminal/command.ts';
import { outputWidth } from '../../infra/terminal/layout.ts';
import type { Figures } from './figures/figures.ts';
import { hasLost, isMet, targetsOf } from './figures/targets.ts';
import { measure } from './measure.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { withFigures } from './show/readme.ts';
import { present } from './show/terminal.ts';

const README = join(import.meta.dirname, '..', '..', 'README.md');

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    print(usage(outputWidth()));
    return 0;
  }
  using folder = createTemporaryFolder('bench-');
  const figures = await measure(options, folder.path, (part) => printStatus(`measuring: ${part}`));
  printStatus('');
  print(options.json ? toJson(options, figures) : present(figures, outputWidth()));
  if (options.readme) {
    writeFileSync(README, withFigures(readFileSync(README, 'utf8'), figures));
  }
  return hasLost(figures) ? 1 : 0;
}

function toJson({ samples }: Options, figures: Figures): string {
  const machine = {
    node: process.version,
    processor: cpus()[0]?.model,
    processors: availableParallelism(),
  };
  const targets = targetsOf(figures).map((target) => ({ ...target, met: isMet(target) }));
  return JSON.stringify({ machine, samples, targets, ...figures }, null, 2);
}

await runCommand('npm run bench', main);
