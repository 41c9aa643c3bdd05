// `npm run survival`: the whole fault matrix, for every setup of our rotator and for the textbook's.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from '../../../infra/terminal/arguments.ts';
import { HELP_OPTION, print, printStatus, runCommand } from '../../../infra/terminal/command.ts';
import { list, outputWidth, paragraph, wrap } from '../../../infra/terminal/layout.ts';
import { SETUP_NAMES, SETUPS } from '../../rig/stage/setups.ts';
import { buildBundles } from '../../rig/stage/stage.ts';
import { keyOf } from './cells/cell.ts';
import { codeOf, isLoss, legend } from './outcome/code.ts';
import { todoOf } from './outcome/outcome.ts';
import type { Played } from './outcome/played.ts';
import { playMatrices } from './play.ts';
import { deviations, presentCell, presentMatrix, presentSurprises } from './show/present.ts';
import { withTotals } from './show/readme.ts';
import { totalsLine, totalsLines, totalsOfAll } from './show/totals.ts';

const README = join(import.meta.dirname, '..', '..', '..', 'README.md');

const OPTIONS = {
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
  readme: { type: 'boolean', default: false },
  help: HELP_OPTION,
} as const;

const DESCRIPTIONS = {
  '--only <text>':
    'only cells whose name contains the text, each in full, as in ' +
    '--only "rotate / answer lost" or --only "two tokens / steps"',
  '--json': 'print every cell as JSON: npm run --silent survival -- --json',
  '--readme': 'write the totals into README.md',
  '-h, --help': 'print this',
};

/** @param width columns of the terminal */
function usage(width: number): string {
  const what =
    'Plays every fault of a rotation to the end of its retries, with the bundle that is ' +
    'deployed and with the textbook rotator, and shows what is active afterwards.';
  return [
    'npm run survival [-- options]',
    '',
    ...paragraph(`  ${what}`, width),
    '',
    ...list(DESCRIPTIONS, width),
  ].join('\n');
}

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const { only, json, readme, help } = readArguments({ args: [...args], options: OPTIONS }).values;
  const width = outputWidth();
  if (help) {
    print(usage(width));
    return 0;
  }
  if (readme && only !== undefined) {
    throw new Error('--readme needs the whole matrix: leave out --only');
  }
  const played = await playAll(only);
  if (played.length === 0) {
    throw new Error(
      `no cell contains "${only}"; the names are like "one token / calls / createSecret rotate / late"`,
    );
  }
  const totals = totalsOfAll(played);
  const surprises = presentSurprises(played);
  if (json) {
    print(JSON.stringify({ totals, cells: played.map(recordOf) }, null, 2));
  } else {
    const cells = () => played.map((each) => presentCell(each, width)).join('\n\n');
    const whole = () => `${presentAll(played, width)}\n\n${totalsLines(totals, width)}`;
    print(`${only === undefined ? whole() : cells()}\n`);
    print(wrap(totalsLine(totals, surprises.length), width).join('\n'));
  }
  // Beside the JSON too, and no part of it.
  process.stderr.write(surprises.map((line) => `! ${line}\n`).join(''));
  if (readme) {
    writeFileSync(README, withTotals(readFileSync(README, 'utf8'), totals));
  }
  return surprises.length === 0 ? 0 : 1;
}

async function playAll(only: string | undefined): Promise<readonly Played[]> {
  using bundles = buildBundles();
  const played = await playMatrices({
    bundles,
    ...(only !== undefined && {
      only: (setup, cell) => `${setup} / ${keyOf(cell)}`.includes(only),
    }),
    onPlayed: ({ setup }, count, total) => printStatus(`${count} of ${total} cells: ${setup}`),
  });
  printStatus('');
  return played;
}

function presentAll(played: readonly Played[], width: number): string {
  return SETUP_NAMES.map((setup) => {
    const own = played.filter((each) => each.setup === setup);
    return `${SETUPS[setup].title}\n\n${presentMatrix(own, width)}`;
  })
    .concat(legend(width))
    .join('\n\n\n');
}

function recordOf(played: Played) {
  const { setup, cell, outcome } = played;
  const { group, row, way, summary } = cell;
  const { state } = outcome;
  return {
    setup,
    group,
    row,
    way,
    summary,
    ...outcome,
    currentActive: !isLoss(codeOf(outcome)),
    activeTokenInSecret: state !== 'lost' && state !== 'killed',
    todo: todoOf(outcome),
    /** In which columns it is not what was expected. */
    deviations: deviations(played),
  };
}

await runCommand('npm run survival', main);
