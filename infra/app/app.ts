// The app of cdk.json, for npx cdk diff, destroy and the other commands of the CDK CLI.

import { runCommand } from './command.ts';
import { rotationApp } from './rotation-app.ts';
import { readRotationFile } from './rotation-file.ts';

await runCommand(async () => {
  rotationApp(readRotationFile());
  return 0;
});
