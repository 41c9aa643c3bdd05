// `npm start`: one rotation, by the very bundle that is deployed, on this machine.

import { createInterface } from 'node:readline/promises';
import { readArguments } from '../terminal/arguments.ts';
import { type CommandContext, HELP_OPTION, print, runCommand } from '../terminal/command.ts';
import { list, outputWidth, paragraph, wrap } from '../terminal/layout.ts';
import { startDemo } from './demo/demo.ts';
import { FAULTS, findFault } from './demo/demo-faults.ts';
import { rotateInDemo } from './demo/rotation.ts';
import { presentPlan, presentResult } from './real/present-real.ts';
import { readProxySettings } from './real/proxy-settings.ts';
import { type Plan, rotateRealToken } from './real/real-rotation.ts';
import { presentDemo } from './show/present.ts';
import { ProgressPrinter } from './show/progress.ts';

const OPTIONS = {
  fault: { type: 'string' },
  recovery: { type: 'boolean', default: false },
  alternating: { type: 'boolean', default: false },
  project: { type: 'string' },
  yes: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  help: HELP_OPTION,
} as const;

type Options = ReturnType<typeof parseOptions>;

const DEMO_OPTIONS = {
  '--fault <name>': 'show what happens when something goes wrong',
  '--recovery': 'with a recovery credential, the token of a Maintainer in a secret of its own',
  '--alternating': 'with a second token in the secret, its standby',
  '--verbose': 'show every alert in full, as mail and as chat, and every kind of call',
  '--json': 'print the result as one JSON object, for programs: npm start --silent -- --json',
  '-h, --help': 'print this',
};

const REAL_OPTIONS = {
  '--project <id>': "number or full path of the token's project",
  '--yes': 'do not ask first',
  '--json': 'as above',
};

const EXIT_CODES = {
  '0': 'the demonstration ended as it should, also where its fault makes the rotation fail; with --project: rotated',
  '1': 'the demonstration ended otherwise; with --project: not rotated',
  '2': 'wrong options or settings, or something is missing on this machine',
};

/** @param width columns of the terminal */
function usage(width: number): string {
  const text = (words: string) => paragraph(`  ${words}`, width);
  const summaries = Object.entries(FAULTS).map(([name, { summary }]) => [name, summary] as const);
  return [
    'npm start [-- options]',
    '',
    ...text('Rotates a token of a GitLab on this machine, with the bundle that is deployed.'),
    '',
    ...list(DEMO_OPTIONS, width),
    '',
    'npm start -- --project <id or path> [--yes] [--json]',
    '',
    ...text(
      'Rotates a real token of a real GitLab: GITLAB_URL and GITLAB_TOKEN in the environment. ' +
        'GitLab revokes the old token; the new one is kept in .local/secrets.json, which only you ' +
        'can read, and rotates in the next run. Without --project the two variables are ignored.',
    ),
    '',
    ...list(REAL_OPTIONS, width),
    '',
    'Exit codes',
    ...list(EXIT_CODES, width),
    '',
    ...wrap('Faults (some take a minute or so: the function waits, and asks again)', width),
    ...list(Object.fromEntries(summaries), width),
  ].join('\n');
}

function parseOptions(args: readonly string[]) {
  return readArguments({ args: [...args], options: OPTIONS }).values;
}

/** @returns the exit code */
async function main(args: readonly string[], context: CommandContext): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    print(usage(outputWidth()));
    return 0;
  }
  if (options.project !== undefined) {
    if (options.fault !== undefined || options.recovery || options.alternating) {
      throw new Error(
        '--fault, --recovery and --alternating are for the local GitLab only: leave out --project',
      );
    }
    return rotateReal(options.project, options, context);
  }
  if (options.yes) {
    throw new Error('--yes belongs to a real token: say --project, or leave it out');
  }
  reportIgnored(context);
  return demonstrate(options);
}

/** Many have these for other tools; without a project, no real token may rotate. */
function reportIgnored({ env }: CommandContext): void {
  const names = ['GITLAB_URL', 'GITLAB_TOKEN'].filter((name) => env[name]?.trim());
  if (names.length > 0) {
    printAside(`Ignored: ${names.join(', ')}. To use: npm start -- --project group/app`);
  }
}

/** For a person; it is not part of the result. */
function printAside(text: string): void {
  process.stderr.write(`${wrap(text, outputWidth()).join('\n')}\n\n`);
}

async function demonstrate(options: Options): Promise<number> {
  const { fault: name, recovery, alternating, json, verbose } = options;
  const fault = name === undefined ? undefined : findFault(name);
  await using demo = await startDemo({
    recovery,
    alternating,
    ...(fault?.scopes && { scopes: fault.scopes }),
  });
  const show = json ? () => undefined : print;
  const title = `${titleOf(options)}${fault ? `: ${fault.summary}` : ''}`;
  show(`${wrap(title, outputWidth()).join('\n')}\n`);
  const report = await rotateInDemo(demo, fault, new ProgressPrinter(show));
  print(json ? JSON.stringify(report, null, 2) : presentDemo(report, { verbose }));
  return report.ending === report.expectedEnding ? 0 : 1;
}

function titleOf({ recovery, alternating }: Options): string {
  const extras = [
    ...(alternating ? ['two tokens'] : []),
    ...(recovery ? ['a recovery credential'] : []),
  ];
  return `One rotation on this machine${extras.length > 0 ? `, with ${extras.join(' and ')}` : ''}`;
}

async function rotateReal(
  project: string,
  { yes, json }: Options,
  { env, interruptions }: CommandContext,
): Promise<number> {
  const show = json ? () => undefined : print;
  const { ignored } = readProxySettings(env);
  if (ignored !== undefined) {
    printAside(ignored);
  }
  const result = await rotateRealToken({
    project,
    env,
    confirm: async (plan) => {
      // Not part of the result, and never left out: GitLab revokes the old token.
      process.stderr.write(`${presentPlan(plan)}\n`);
      const isAgreed = yes || (await agree(plan));
      if (isAgreed) {
        interruptions.beginRotation();
      }
      return isAgreed;
    },
    watcher: new ProgressPrinter(show),
  });
  if (result === undefined) {
    process.stderr.write('Nothing was done.\n');
    return 1;
  }
  print(json ? JSON.stringify(result, null, 2) : presentResult(result));
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

await runCommand('npm start', main);
