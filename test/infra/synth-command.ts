import { execFile } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { ROOT } from './cdk-app.ts';

/** Runs the command where nobody has credentials. @param home a folder without any */
export function synth(home: string, ...args: readonly string[]) {
  const env = {
    // The CLI starts `node`, which must be this one.
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
  const command = [join('infra', 'synth.ts'), ...args];
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, command, { cwd: ROOT, env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}
