// `npm run synth [-- -c <key>=<value>]`: what would be deployed, without an account or a network.

import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { type CommandContext, HELP_OPTION, print, runCommand } from './local/command.ts';
import { outputWidth, paragraph } from './local/layout.ts';
import { presentStack } from './stack-summary.ts';

const ROOT = join(import.meta.dirname, '..');
const CDK = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');

const USAGE = [
  'npm run synth [-- -c <key>=<value> ...]',
  '',
  '  Shows what would be deployed, and deploys nothing. It needs no AWS account, but with -c vpcId=..., which is looked up there.',
  '',
  '  The keys are in README.md, section "Deployment"; all other options are those of cdk synth.',
];

/** @returns the exit code */
async function main(args: readonly string[], { env }: CommandContext): Promise<number> {
  const options = { help: HELP_OPTION, output: { type: 'string', short: 'o' } } as const;
  // The others are for cdk to read.
  const { values } = parseArgs({ args: [...args], options, strict: false });
  const width = outputWidth();
  if (values.help === true) {
    print(USAGE.flatMap((line) => paragraph(line, width)).join('\n'));
    return 0;
  }
  const command = [CDK, 'synth', '--quiet', ...args];
  const { status } = spawnSync(process.execPath, command, { cwd: ROOT, env, stdio: 'inherit' });
  if (status !== 0) {
    // It has said why.
    return status ?? 1;
  }
  const folder = resolve(ROOT, typeof values.output === 'string' ? values.output : 'cdk.out');
  for (const { stackName, template, templateFullPath } of new CloudAssembly(folder).stacks) {
    print(`\n${presentStack({ stackName, template }, width)}\n`);
    const more = `Nothing was deployed. All of it, as CloudFormation reads it: ${templateFullPath}`;
    print(paragraph(more, width).join('\n'));
  }
  return 0;
}

await runCommand('npm run synth', main);
