// The app of cdk.json, for npx cdk diff, destroy and the other commands of the CDK CLI.

import { runCdkCommand } from './cdk-command.ts';
import { rotationApp } from './rotation-app.ts';
import { readRotationFile } from './rotation-file.ts';

await runCdkCommand(async () => {
  // Not when the process ends, as usual: an error there is printed with its stack.
  rotationApp(readRotationFile(), { autoSynth: false }).synth();
  return 0;
});
