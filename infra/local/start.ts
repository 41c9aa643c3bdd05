// `npm start`: one rotation, by the very bundle that is deployed, on this machine.

import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { rotateInDemo, startDemo } from './demo.ts';
import { FAULTS, findFault } from './demo-faults.ts';
import { heedInterruptions } from './interruptions.ts';
import { presentReport } from './present.ts';
import { presentPlan, presentResult } from './present-real.ts';
import { progressTeller } from './progress.ts';
import { type Plan, rotateRealToken } from './real-rotation.ts';

const OPTIONS = {
  fault: { type: 'string' },
  recovery: { type: 'boolean', default: false },
  alternating: { type: 'boolean', default: false },
  project: { type: 'string' },
  yes: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

type Options = ReturnType<typeof parseOptions>;

const USAGE = `npm start [-- options]

  Rotates a token of a GitLab on this machine, with the bundle that is deployed.

  --fault <name>     show what happens when something goes wrong
  --recovery         with a recovery credential, the token of a Maintainer in a
                     secret of its own
  --alternating      with a second token in the secret, its standby
  --json             print the result as one JSON object, for programs:
                     npm start --silent -- --json
  --help             print this

GITLAB_URL=... GITLAB_TOKEN=... npm start -- --project <id or path> [--yes] [--json]

  Rotates a real token of a real GitLab. The old token dies; the new one is kept
  in .local/secrets.json, which only you can read, and rotates in the next run.

  --project <id>     number or full path of the token's project
  --yes              do not ask first

Faults (some take a minute or so: the function waits, and asks again)
${Object.entries(FAULTS)
  .map(([name, { summary }]) => `  ${name.padEnd(18)} ${summary}`)
  .join('\n')}
`;

function parseOptions(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
}

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    write(USAGE);
    return 0;
  }
  if (options.project !== undefined) {
    if (options.fault !== undefined || options.recovery || options.alternating) {
      throw new Error(
        '--fault, --recovery and --alternating are for the local GitLab only: leave out --project',
      );
    }
    return rotateReal(options.project, options);
  }
  if (process.env['GITLAB_TOKEN'] !== undefined || options.yes) {
    throw new Error(
      'GITLAB_TOKEN and --yes belong to a real token: say --project, or leave them out',
    );
  }
  return demonstrate(options);
}

async function demonstrate(options: Options): Promise<number> {
  const { fault: name, recovery, alternating, json } = options;
  const fault = name === undefined ? undefined : findFault(name);
  await using demo = await startDemo({ recovery, alternating, ...(fault && { fault }) });
  const show = json ? () => undefined : write;
  show(`${titleOf(options)}${fault ? `: ${fault.summary}` : ''}\n`);
  const report = await rotateInDemo(demo, fault, progressTeller(show));
  write(json ? JSON.stringify(report, null, 2) : presentReport(report));
  // A fault that was asked for is no failure of this command.
  return report.outcome === 'succeeded' || fault !== undefined ? 0 : 1;
}

function titleOf({ recovery, alternating }: Options): string {
  const extras = [
    ...(alternating ? ['alternating tokens'] : []),
    ...(recovery ? ['a recovery credential'] : []),
  ];
  return `One rotation on this machine${extras.length > 0 ? `, with ${extras.join(' and ')}` : ''}`;
}

async function rotateReal(project: string, { yes, json }: Options): Promise<number> {
  const show = json ? () => undefined : write;
  const interruptions = heedInterruptions();
  const result = await rotateRealToken({
    project,
    env: process.env,
    confirm: async (plan) => {
      // Not part of the result, and never left out: the old token dies.
      process.stderr.write(`${presentPlan(plan)}\n`);
      const isAgreed = yes || (await agree(plan));
      if (isAgreed) {
        interruptions.beginRotation();
      }
      return isAgreed;
    },
    onProgress: progressTeller(show),
  });
  if (result === undefined) {
    process.stderr.write('Nothing was done.\n');
    return 1;
  }
  write(json ? JSON.stringify(result, null, 2) : presentResult(result));
  return result.outcome === 'succeeded' ? 0 : 1;
}

async function agree({ gitlabUrl }: Plan): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Error('nobody can be asked here: say --yes to rotate the token');
  }
  using prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`Rotate the token at ${gitlabUrl} now? [y/N] `);
  return /^y(es)?$/i.test(answer.trim());
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.stderr.write('See npm start -- --help\n');
  process.exitCode = 2;
}
