import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCloud } from '../../infra/local/cloud/cloud.ts';
import { createTemporaryFolder } from '../../infra/local/cloud/temporary-folder.ts';
import { createDemoTokens } from '../../infra/local/demo/demo-gitlab.ts';
import { startGitLab } from '../../infra/local/gitlab/gitlab.ts';
import { SimulatedClock } from '../rig/clock/simulated-clock.ts';
import { blocks, ROOT } from '../rig/documents/documents.ts';
import { type OperatorShell, openShell } from '../rig/shell/operator-shell.ts';
import { sharedBundle } from '../rig/vitest/shared-bundle.ts';

/** What each program runs, and a call of GitLab with what the document defines, which prints the status. */
const PROGRAMS = {
  bash: { run: 'eval "$PROGRAM"', call: 'cd "$FOLDER" && gitlab "$URL"' },
  python: {
    run: 'python3 -c "$PROGRAM"',
    call: [
      'import os, urllib.error, urllib.request',
      'def send(token):',
      '    request = urllib.request.Request(os.environ["URL"], headers={"Authorization": f"Bearer {token}"})',
      '    try:',
      '        response = urllib.request.urlopen(request)',
      '    except urllib.error.HTTPError as error:',
      '        response = error',
      '    response.status_code = response.status',
      '    return response',
      'print(gitlab(send).status_code)',
    ].join('\n'),
  },
  js: {
    run: '"$NODE" --input-type=module --eval "$PROGRAM"',
    call: [
      'const headers = (token) => ({ authorization: ["Bearer", token].join(" ") });',
      'const { status } = await gitlab((token) => fetch(process.env.URL, { headers: headers(token) }));',
      'console.log(status);',
    ].join('\n'),
  },
};

const folder = createTemporaryFolder('consumers-');
/** Where this machine has none, a stand-in that sends the same call takes its place. */
const hasBoto3 = spawnSync('python3', ['-c', 'import boto3']).status === 0;
let shell: OperatorShell;

beforeAll(async () => {
  shell = await openShell();
});
afterAll(async () => {
  folder[Symbol.dispose]();
  await shell[Symbol.asyncDispose]();
});

describe('the consumers of the documents', () => {
  it('are accepted from the moment that AWSPENDING has a value, with one token', async () => {
    const clock = new SimulatedClock();
    await using gitlab = await startGitLab({ clock });
    await using cloud = await startCloud({ gitlabUrl: gitlab.url, bundle: sharedBundle(), clock });
    const { operator, secretsManager, lambda } = cloud;
    const { secretString: SecretString } = createDemoTokens(gitlab, {});
    await operator.send(new CreateSecretCommand({ Name: 'app/gitlab-token', SecretString }));
    const statuses: Record<string, unknown> = {};
    const ask = (moment: string) => ({
      kind: 'run' as const,
      run: async () => {
        statuses[moment] = await clock.still(askAll(secretsManager, gitlab.url));
      },
    });
    gitlab.faults.add({ operation: 'rotate', at: 'after', effect: ask('rotated, not yet put') });
    lambda.faults.add({
      operation: 'Invoke',
      at: 'before',
      nth: 2,
      effect: ask('after createSecret'),
    });

    const rotation = operator
      .send(
        new RotateSecretCommand({
          SecretId: 'app/gitlab-token',
          RotationLambdaARN: lambda.functionArn,
        }),
      )
      .then(() => secretsManager.rotationEnded('app/gitlab-token'));
    await expect(clock.during(rotation)).resolves.toMatchObject({ kind: 'succeeded', attempts: 1 });
    await ask('after finishSecret').run();

    const all = (status: string) => ({ bash: status, python: status, js: status });
    expect(statuses).toEqual({
      'rotated, not yet put': all('401'),
      'after createSecret': all('200'),
      'after finishSecret': all('200'),
    });
  });
});

/** The status that each program prints last. */
async function askAll(secretsManager: { readonly url: string }, gitlabUrl: string) {
  const asked = Object.entries(PROGRAMS).map(async ([language, { run, call }]) => {
    const program = [...blocks(language), call].join('\n');
    const { stdout, stderr } = await shell.run(secretsManager, run, {
      PROGRAM: program,
      URL: `${gitlabUrl}/api/v4/personal_access_tokens/self`,
      NODE: process.execPath,
      FOLDER: folder.path,
      // boto3 does not read AWS_REGION.
      AWS_DEFAULT_REGION: 'eu-central-1',
      ...(!hasBoto3 && { PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: join(ROOT, 'test/rig/shell') }),
    });
    return [language, stdout.trim() || stderr];
  });
  return Object.fromEntries(await Promise.all(asked));
}
