// `npm run synth`: what `npm run deploy` would deploy, without an account or a network.

import { readArguments } from '../terminal/arguments.ts';
import { print } from '../terminal/command.ts';
import { outputWidth, paragraph } from '../terminal/layout.ts';
import { runCdkCommand } from './cdk-command.ts';
import { examplesIn, readRotationFile } from './rotation-file.ts';
import { secretNameOf } from './settings/secret.ts';
import { presentStack } from './summary.ts';

const USAGE = [
  'npm run synth [-- --profile <name>]',
  '',
  '  Shows what rotation.json would deploy, and deploys nothing. It needs no AWS account, except to look up a vpc.',
];

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  profile: { type: 'string' },
} as const;

async function main(args: readonly string[]): Promise<number> {
  const { values } = readArguments({ args: [...args], options: OPTIONS });
  if (values.help) {
    print(USAGE.flatMap((line) => paragraph(line, outputWidth())).join('\n'));
    return 0;
  }
  const settings = readRotationFile();
  // Seconds to load: not before it is clear that there is something to synthesise.
  const { NonInteractiveIoHost } = await import('@aws-cdk/toolkit-lib');
  const { createToolkit, rotationSource } = await import('./toolkit.ts');
  const names = settings.secrets.map(secretNameOf);
  const width = outputWidth();
  const toolkit = createToolkit(new NonInteractiveIoHost({ logLevel: 'warn' }), values.profile);
  await using assembly = await toolkit.synth(await rotationSource(toolkit, settings));
  for (const stack of assembly.cloudAssembly.stacks) {
    print(`${presentStack(stack, names, width)}\n`);
    const whole = `Nothing was deployed. The whole template: ${stack.templateFullPath}`;
    print(paragraph(whole, width).join('\n'));
  }
  const examples = examplesIn(settings);
  if (examples.length > 0) {
    const text = `Still examples, which npm run deploy refuses: ${examples.join(', ')}`;
    print(`\n${paragraph(text, width).join('\n')}`);
  }
  return 0;
}

await runCdkCommand(main);
