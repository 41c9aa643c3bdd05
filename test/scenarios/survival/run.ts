// `npm run survival`: the whole fault matrix, for our rotator and for the textbook's.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { print, progress, runScript } from '../command-line.ts';
import { codeOf, isLoss, LEGEND } from './code.ts';
import { keyOf } from './matrix.ts';
import { TODO } from './outcome.ts';
import { type Played, playMatrix } from './play.ts';
import { presentCell, presentMatrix, presentSurprises } from './present.ts';
import { withTotals } from './readme.ts';
import { buildBundles, type Rotator } from './stage.ts';
import { totalsLines, totalsOf } from './totals.ts';

const README = join(import.meta.dirname, '..', '..', '..', 'README.md');
const ROTATORS: readonly Rotator[] = ['ours', 'textbook'];

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
                  as in --only "rotate / answer lost"
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
  const played = await playBoth(only);
  if (played.length === 0) {
    throw new Error(
      `no cell contains "${only}"; the names are like "calls / createSecret rotate / late"`,
    );
  }
  const [ours, textbook] = ROTATORS.map((rotator) => of(played, rotator));
  const totals = { ours: totalsOf(ours ?? []), textbook: totalsOf(textbook ?? []) };
  const surprises = presentSurprises(played);
  if (json) {
    print(JSON.stringify({ totals, cells: played.map(recordOf) }, null, 2));
  } else {
    print(only === undefined ? presentAll(played) : played.map(presentCell).join('\n\n'));
    print(`\n${totalsLines(totals.ours, totals.textbook)}`);
    print(surprises.map((line) => `\n! ${line}`).join(''));
  }
  if (readme) {
    writeFileSync(README, withTotals(readFileSync(README, 'utf8'), totals.ours, totals.textbook));
  }
  return surprises.length === 0 ? 0 : 1;
}

async function playBoth(only: string | undefined): Promise<readonly Played[]> {
  using bundles = buildBundles();
  const played: Played[] = [];
  for (const rotator of ROTATORS) {
    const all = await playMatrix({
      rotator,
      bundles,
      ...(only !== undefined && { only: (cell) => keyOf(cell).includes(only) }),
      onPlayed: (_, count, total) => progress(`${rotator}: ${count} of ${total} cells`),
    });
    played.push(...all);
  }
  progress('');
  return played;
}

function presentAll(played: readonly Played[]): string {
  return ROTATORS.map((rotator) => {
    const title = rotator === 'ours' ? 'The rotator of this project' : 'The textbook rotator';
    return `${title}\n\n${presentMatrix(of(played, rotator))}`;
  })
    .concat(LEGEND)
    .join('\n\n\n');
}

function of(played: readonly Played[], rotator: Rotator): readonly Played[] {
  return played.filter((each) => each.rotator === rotator);
}

function recordOf({ rotator, cell, outcome }: Played) {
  const { group, row, way, summary } = cell;
  const { state } = outcome;
  return {
    rotator,
    group,
    row,
    way,
    summary,
    ...outcome,
    currentAlive: !isLoss(codeOf(outcome)),
    livingTokenInSecret: state !== 'lost' && state !== 'killed',
    todo: TODO[state],
  };
}

await runScript('survival', main);
