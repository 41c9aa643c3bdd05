import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleLambda } from '../../infra/build/bundle.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { ROOT } from './cdk-app.ts';

const run = promisify(execFile);

// Loads the bundle as Lambda does, in a process without a network.
const LOADER = `
import { Socket } from 'node:net';

let connections = 0;
Socket.prototype.connect = () => {
  connections += 1;
  throw new Error('no network');
};
const { handler } = await import(process.argv[2]);
process.stdout.write(JSON.stringify({ handler: typeof handler, connections }));
`;

// Lambda's JSON log has the name of the class of what is thrown.
const THROWER = `
const { handler } = await import(process.argv[2]);
const context = {
  awsRequestId: 'request-1',
  functionName: 'rotation',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:rotation',
  getRemainingTimeInMillis: () => 20_000,
};
const error = await handler({}, context).catch((error) => error);
process.stderr.write(error.constructor.name);
`;

const ENV = {
  AWS_REGION: 'eu-west-1',
  GITLAB_URL: 'https://gitlab.example.com',
  FAILURE_TOPIC_ARN: 'nobody',
  TOKEN_LIFETIME_DAYS: '90',
};

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
const bundle = join(folder, 'built', 'index.cjs');
let modules: readonly string[] = [];
beforeAll(() => {
  modules = Object.keys(bundleLambda(join(folder, 'built')).inputs);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a script that loads the bundle. */
function load(script: string) {
  const loader = join(folder, 'load.mjs');
  writeFileSync(loader, script);
  return run(process.execPath, [loader, pathToFileURL(bundle).href], { env: ENV });
}

describe('the bundle', () => {
  it('is one file', () => {
    expect(readdirSync(join(folder, 'built'))).toEqual(['index.cjs']);
  });

  it('is for everybody to read, whatever the umask was', async () => {
    const { href } = pathToFileURL(join(ROOT, 'infra', 'build', 'replace-file.ts'));
    const path = join(folder, 'private', 'index.cjs');
    const script = `
      import { replaceFile } from ${JSON.stringify(href)};
      process.umask(0o077);
      replaceFile(${JSON.stringify(path)}, '');
    `;

    await run(process.execPath, ['--input-type=module', '--eval', script]);

    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  it('holds of package.json only what the function reads of it', () => {
    const { name, version, description } = packageJson;
    const code = readFileSync(bundle, 'utf8');

    expect(code).toContain(`{ name: "${name}", version: "${version}" }`);
    expect(code).not.toContain(description);
  });

  it('starts on its own, and asks nothing of the network', async () => {
    const { stdout } = await load(LOADER);

    expect(JSON.parse(stdout)).toEqual({ handler: 'function', connections: 0 });
  });

  it('keeps the name of its failures', async () => {
    const { stderr } = await load(THROWER);

    expect(stderr).toMatch(/RotationError$/);
    expect(stderr).not.toContain('_RotationError');
  });

  it('leaves out where the SDK would look for credentials besides the environment', () => {
    const providers = modules.filter((path) =>
      /credential-provider|token-provider|nested-clients/.test(path),
    );

    expect(providers.filter((path) => !path.includes('/credential-provider-env/'))).toEqual([]);
    expect(providers).not.toEqual([]);
  });

  it('leaves out all of undici but how it connects', () => {
    const folders = modules.flatMap((path) => /\/undici\/(.+)\//.exec(path)?.[1] ?? []);

    expect([...new Set(folders)].toSorted()).toEqual(['lib/core', 'lib/util']);
  });

  it('stays small', () => {
    // 849 KB and 678 modules in November 2026. More would start slower.
    expect(statSync(bundle).size).toBeLessThan(870_000);
    expect(modules.length).toBeLessThan(700);
  });
});
