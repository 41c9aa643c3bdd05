import { findAccess } from '../app/access.ts';
import { readArguments, readWholeNumber } from '../terminal/arguments.ts';
import { HELP_OPTION, print, printStatus } from '../terminal/command.ts';
import { list, outputWidth, paragraph } from '../terminal/layout.ts';
import { setToolSettingsAside } from '../terminal/tool-settings.ts';
import { askWatch, type DeployedWatch } from './ask-watch.ts';
import { hasFindings, type Report, withDays } from './report.ts';
import { presentStatus } from './table.ts';

const OPTIONS = {
  json: { type: 'boolean', default: false },
  profile: { type: 'string' },
  local: { type: 'boolean', default: false },
  secrets: { type: 'string' },
  help: HELP_OPTION,
} as const;

type Options = ReturnType<typeof parseOptions>['values'];

const DESCRIPTIONS = {
  '--json': 'print one JSON object, for programs: npm run --silent status -- --json',
  '--profile <name>': 'of the AWS CLI',
  '--local': 'secrets on this machine instead, some of them broken. It needs no AWS account',
  '--secrets <number>': 'with --local: how many secrets. Default: 5',
  '-h, --help': 'print this',
};

const EXIT_CODES = {
  '0': 'nothing was found',
  '1': 'something was found',
  '2': 'the status could not be found out, or the options are wrong',
};

const DEFAULT_SECRETS = 5;
const MOST_SECRETS = 200;
const WIDE = 100;

/** @param width columns of the terminal */
function usage(width: number): string {
  const paragraphs = [
    'Shows all secrets of rotation.json, the worst first, or only those with these names. CURR, ' +
      'PEND and PREV are the beginnings of the ids of the versions with AWSCURRENT, AWSPENDING ' +
      'and AWSPREVIOUS.',
    '✗ marks a secret whose consumers are affected now, ! one with other findings, ✓ one with none.',
    'It invokes the deployed watch, which reads the secrets and sends nothing; this command reads ' +
      'none. It needs the permissions cloudformation:DescribeStacks and lambda:InvokeFunction.',
  ];
  return [
    'npm run status [-- options] [<name of a secret> ...]',
    '',
    ...paragraphs.flatMap((text) => [...paragraph(`  ${text}`, width), '']),
    ...list(DESCRIPTIONS, width),
    '',
    'Exit codes',
    ...list(EXIT_CODES, width),
  ].join('\n');
}

function parseOptions(args: readonly string[]) {
  return readArguments({ args: [...args], options: OPTIONS, allowPositionals: true });
}

/** @returns the exit code */
export async function status(args: readonly string[]): Promise<number> {
  const { values: options, positionals: names } = parseOptions(args);
  if (options.help) {
    print(usage(outputWidth()));
    return 0;
  }
  if (!options.local && options.secrets !== undefined) {
    throw new Error('--secrets belongs to --local: add it, or leave both out');
  }
  if (options.local && (options.profile !== undefined || names.length > 0)) {
    throw new Error('--local has secrets of its own: leave --profile and the names out');
  }
  await using watch = options.local ? await startLocally(options) : await findOnAws(options, names);
  printStatus('Asking the watch');
  const report = await askWatch(watch).finally(() => printStatus(''));
  return show(report, { ...options, title: watch.title });
}

/** @returns the exit code */
export function show(report: Report, { json, title }: { json: boolean; title: string }): number {
  print(
    json
      ? JSON.stringify(withDays(report), null, 2)
      : presentStatus(report, { title, width: tableWidth() }),
  );
  return hasFindings(report) ? 1 : 0;
}

/** Where nobody looks at a terminal, names of usual length stay whole. */
function tableWidth(): number {
  return process.stdout.isTTY ? outputWidth() : Math.max(WIDE, outputWidth());
}

/** Loaded here: the CDK takes seconds, and --local does without it. */
async function findOnAws({ profile }: Options, names: readonly string[]): Promise<DeployedWatch> {
  const { findWatch } = await import('./deployed.ts');
  return findWatch({ findAccess: () => findAccess(profile), profile, names });
}

async function startLocally({ secrets }: Options): Promise<DeployedWatch> {
  const allowed = { min: 1, max: MOST_SECRETS };
  const count =
    secrets === undefined ? DEFAULT_SECRETS : readWholeNumber('secrets', secrets, allowed);
  setToolSettingsAside();
  printStatus(`Making ${count} secrets`);
  const { startLocalWatch } = await import('./local.ts');
  return startLocalWatch({ count });
}
