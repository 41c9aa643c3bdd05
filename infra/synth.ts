// `npm run synth [-- -c <key>=<value>]`: what would be deployed, without an account or a network.

import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { examplesIn, presentStack } from './stack-summary.ts';
import { readOptions } from './synth-options.ts';
import { type CommandContext, print, runCommand } from './terminal/command.ts';
import { outputWidth, paragraph } from './terminal/layout.ts';

const ROOT = join(import.meta.dirname, '..');
const CDK = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');

const USAGE = [
  'npm run synth [-- -c <key>=<value> ...]',
  '',
  '  Shows what would be deployed, and deploys nothing. It needs no AWS account, but with -c vpcId=..., which is looked up there.',
  '',
  '  The keys are in README.md, section "Settings"; all other options are those of cdk synth.',
];

/** @returns the exit code */
async function main(args: readonly string[], { env }: CommandContext): Promise<number> {
  const { help, output, context, others } = readOptions(args);
  const width = outputWidth();
  if (help) {
    print(USAGE.flatMap((line) => paragraph(line, width)).join('\n'));
    return 0;
  }
  const folder = resolve(ROOT, output);
  const command = [CDK, 'synth', '--quiet', '--output', folder, ...others];
  const { status } = spawnSync(process.execPath, command, { cwd: ROOT, env, stdio: 'inherit' });
  if (status !== 0) {
    // It has said why.
    return status ?? 1;
  }
  for (const { stackName, template, templateFullPath } of new CloudAssembly(folder).stacks) {
    print(`\n${presentStack({ stackName, template }, width)}\n`);
    const examples = examplesIn(template, context);
    if (examples.length > 0) {
      const text = `Examples of cdk.json, not settings of yours: ${examples.join(', ')}. Pass your own with -c, or set them in cdk.json.`;
      print(`${paragraph(text, width).join('\n')}\n`);
    }
    const more = `Nothing was deployed. All of it, as CloudFormation reads it: ${templateFullPath}`;
    print(paragraph(more, width).join('\n'));
  }
  return 0;
}

await runCommand('npm run synth', main);
