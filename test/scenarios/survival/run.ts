// `npm run survival`: the whole fault matrix, for every setup of our rotator and for the textbook's.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { print, progress, runScript } from '../command-line.ts';
import { codeOf, isLoss, LEGEND } from './code.ts';
import { keyOf } from './matrix.ts';
import { todoOf } from './outcome.ts';
import { type Played, playMatrices } from './play.ts';
import { deviations, presentCell, presentMatrix, presentSurprises } from './present.ts';
import { withTotals } from './readme.ts';
import { SETUP_NAMES, SETUPS } from './setups.ts';
import { buildBundles } from './stage.ts';
import { totalsLine, totalsLines, totalsOfAll } from './totals.ts';

const README = join(import.meta.dirname, '..', '..', '..', 'README.md');

const OPTIONS = {
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
  readme: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const USAGE = `npm run survival [-- options]

  Plays every fault of a rotation to the end of its retries, with the bundle that is
  deployed and with the textbook rotator, and shows what is alive afterwards.

  --only <text>   only cells whose name contains the text, each in full,
                  as in --only "rotate / answer lost" or --only "two tokens / steps"
  --json          print every cell as JSON: npm run --silent survival -- --json
  --readme        write the totals into README.md
  --help          print this
`;

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const { only, json, readme, help } = parseArgs({ args: [...args], options: OPTIONS }).values;
  if (help) {
    process.stdout.write(USAGE);
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
    print(only === undefined ? presentAll(played) : played.map(presentCell).join('\n\n'));
    print(`\n${totalsLines(totals)}\n\n${totalsLine(totals, surprises.length)}`);
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
    onPlayed: ({ setup }, count, total) => progress(`${count} of ${total} cells: ${setup}`),
  });
  progress('');
  return played;
}

function presentAll(played: readonly Played[]): string {
  return SETUP_NAMES.map((setup) => {
    const own = played.filter((each) => each.setup === setup);
    return `${SETUPS[setup].title}\n\n${presentMatrix(own)}`;
  })
    .concat(LEGEND)
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
    currentAlive: !isLoss(codeOf(outcome)),
    livingTokenInSecret: state !== 'lost' && state !== 'killed',
    todo: todoOf(outcome),
    /** In which columns it is not what was expected. */
    deviations: deviations(played),
  };
}

await runScript('survival', main);
