import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { CDK_CONTEXT, createApp, ROOT } from './cdk-app.ts';

// As the CDK CLI runs it, which takes much longer itself.
it('the app fails when cdk-nag finds something', async () => {
  const context = { ...CDK_CONTEXT, 'aws:cdk:bundling-stacks': [], existingSecret: 'every/*' };
  const env = { CDK_OUTDIR: createApp().outdir, CDK_CONTEXT_JSON: JSON.stringify(context) };

  const synthesis = promisify(execFile)(process.execPath, [join(ROOT, 'infra', 'app.ts')], { env });

  await expect(synthesis).rejects.toMatchObject({
    stderr: expect.stringContaining('AwsSolutions-IAM5[Resource::'),
  });
});
