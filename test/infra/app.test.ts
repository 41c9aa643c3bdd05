import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleLambda } from '../../infra/bundling.ts';
import { CDK_CONTEXT, ROOT } from './cdk-app.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'app-'));
afterAll(() => rmSync(folder, { recursive: true }));

// The CLI starts `node`, which must be this one. Nobody's settings or credentials.
const env = {
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  HOME: folder,
  AWS_EC2_METADATA_DISABLED: 'true',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
};

describe('cdk synth', () => {
  // Generous: the CLI, the app and a bundle, on a machine that has other tests to run.
  it('works on a fresh clone, and deploys the very bytes that npm run build makes', {
    timeout: 90_000,
  }, async () => {
    const cdk = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
    const output = join(folder, 'cdk.out');
    bundleLambda(join(folder, 'built'));

    await run(process.execPath, [cdk, 'synth', '--quiet', '--output', output], { cwd: ROOT, env });

    const [asset = ''] = readdirSync(output).filter((name) => name.startsWith('asset.'));
    expect(readdirSync(join(output, asset))).toEqual(['index.mjs']);
    const deployed = readFileSync(join(output, asset, 'index.mjs'));
    expect(deployed.equals(readFileSync(join(folder, 'built', 'index.mjs')))).toBe(true);
  });
});

describe('the app', () => {
  it('fails when cdk-nag finds something', async () => {
    const context = {
      ...CDK_CONTEXT,
      'aws:cdk:bundling-stacks': [],
      existingSecret: 'every/*',
    };

    const synthesis = run(process.execPath, [join(ROOT, 'infra', 'app.ts')], {
      env: {
        ...env,
        CDK_OUTDIR: join(folder, 'findings'),
        CDK_CONTEXT_JSON: JSON.stringify(context),
      },
    });

    await expect(synthesis).rejects.toMatchObject({
      stderr: expect.stringContaining('AwsSolutions-IAM5[Resource::'),
    });
  });
});
