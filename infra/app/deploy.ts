// `npm run deploy`: deploys what rotation.json says.

import { readArguments } from '../terminal/arguments.ts';
import { print } from '../terminal/command.ts';
import { outputWidth, paragraph } from '../terminal/layout.ts';
import { accessProblem, findAccess } from './access.ts';
import { runCdkCommand } from './cdk-command.ts';
import { APPROVALS } from './deployment/changes.ts';
import { isRotationEnabled, presentNextSteps } from './deployment/next-steps.ts';
import { obstaclesOf } from './deployment/obstacles.ts';
import { readSecretStates } from './deployment/secret-state.ts';
import { examplesIn, readRotationFile, settingsError } from './rotation-file.ts';

const USAGE = [
  'npm run deploy [-- <option> ...]',
  '',
  '  Deploys what rotation.json says. It shows first what will change, and refuses to replace or delete a rotation schedule, a secret, a subscription or the topic.',
  '',
  '  --allow-replacement',
  '    does so all the same',
  '  --require-approval <when>',
  `    asks before the deployment: ${APPROVALS.join(', ')}. By default it asks when permissions get broader`,
  '  --profile <name>',
  '    of the AWS CLI',
];

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  'allow-replacement': { type: 'boolean', default: false },
  'require-approval': { type: 'string', default: 'broadening' },
  profile: { type: 'string' },
} as const;

async function main(args: readonly string[]): Promise<number> {
  const { values } = readArguments({ args: [...args], options: OPTIONS });
  if (values.help) {
    print(USAGE.flatMap((line) => paragraph(line, outputWidth())).join('\n'));
    return 0;
  }
  const { profile } = values;
  const settings = readRotationFile();
  const examples = examplesIn(settings);
  if (examples.length > 0) {
    const problems = examples.map((example) => `${example} is an example: write your own`);
    throw settingsError(problems, settings);
  }
  const { credentials } = await findAccess(profile);
  // Seconds to load: not before it is clear that there is something to deploy.
  const { DeploymentGate } = await import('./deployment/gate.ts');
  const { deployStack } = await import('./deployment/deploy-stack.ts');
  const { createToolkit, rotationSource } = await import('./toolkit.ts');
  const gate = new DeploymentGate({
    requireApproval: approval(values['require-approval']),
    allowReplacement: values['allow-replacement'],
    obstacles: (created, region) =>
      obstaclesOf(settings.secrets, created, { region, credentials, profile }),
  });
  const toolkit = createToolkit(gate, profile);
  const source = await rotationSource(toolkit, settings);
  const stack = await deployStack(toolkit, source, gate).catch(async (error: unknown) => {
    const problem = await accessProblem(error, { command: 'npm run deploy', profile });
    throw problem === undefined ? error : new Error(problem, { cause: error });
  });
  if (stack === undefined) {
    return 1;
  }
  const { region } = stack;
  const states = await readSecretStates(settings.secrets, { region, credentials });
  const { created, newAddresses } = gate;
  print(`\n${presentNextSteps({ settings, states, created, newAddresses, ...stack, profile })}\n`);
  return isRotationEnabled({ states, ...stack }) ? 0 : 1;
}

function approval(given: string) {
  const known = APPROVALS.find((each) => each === given);
  if (known === undefined) {
    throw new Error(`--require-approval must be one of ${APPROVALS.join(', ')}, got ${given}`);
  }
  return known;
}

await runCdkCommand(main);
