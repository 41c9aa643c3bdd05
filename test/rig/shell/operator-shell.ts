import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { COMPILE_CACHE } from '../vitest/compile-cache.ts';

/** What somebody types who is asked for a token, unless told otherwise. */
const TYPED = 'typed';

/** A shell with the AWS CLI, as far as the README and the alerts use it, and with jq. */
export interface OperatorShell extends AsyncDisposable {
  /** Runs a command, and types a token when it waits for one. @param typed - `typed` by default */
  run(
    secretsManager: { readonly url: string },
    command: string,
    variables?: Readonly<Record<string, string>>,
    typed?: string,
  ): Promise<{ readonly stdout: string; readonly stderr: string }>;
}

/** Makes a folder with `aws`, and with `jq` where this machine has none. */
export async function openShell(): Promise<OperatorShell> {
  const tools = await mkdtempDisposable(join(tmpdir(), 'operator-tools-'));
  const hasJq = spawnSync('jq', ['--version']).status === 0;
  for (const [name, script] of [['aws', 'aws-cli.ts'], ...(hasJq ? [] : [['jq', 'jq.ts']])]) {
    const command = `exec "${process.execPath}" "${join(import.meta.dirname, String(script))}" "$@"`;
    writeFileSync(join(tools.path, String(name)), `#!/bin/sh\n${command}\n`, { mode: 0o700 });
  }
  return {
    async run({ url }, command, variables = {}, typed = TYPED) {
      const { PATH = '', TMPDIR = tmpdir() } = process.env;
      // What a person has in their own files is none of the command's business.
      const child = spawn('bash', ['--norc', '--noprofile', '-c', command], {
        env: {
          PATH: `${tools.path}:${PATH}`,
          TMPDIR,
          ...COMPILE_CACHE,
          AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
          AWS_REGION: 'eu-central-1',
          AWS_ACCESS_KEY_ID: 'AKIDOPERATOR',
          AWS_SECRET_ACCESS_KEY: 'unused',
          ...variables,
        },
      });
      child.stdin.end(`${typed}\n`);
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { stdout, stderr };
    },
    [Symbol.asyncDispose]: () => tools.remove(),
  };
}
