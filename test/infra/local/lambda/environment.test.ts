import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FUNCTION_NAME, startRig } from '../../../rig/local/lambda-rig.ts';

const TELL_ALL = `export const handler = async () => ({
  env: process.env,
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  folder: process.cwd(),
  home: (await import('node:os')).homedir(),
});`;

/** What others set for their own Node. */
const OF_NODE = ['NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_ENV_PROXY'];

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the environment of a function', () => {
  it('is what Lambda sets, and what the function was deployed with', async () => {
    const environment = { GITLAB_URL: 'https://gitlab.example.com' };
    await using rig = await startRig(TELL_ALL, { environment, memoryMb: 300, region: 'eu-west-1' });

    const { payload } = await rig.invoke();

    expect(payload).toMatchObject({
      env: {
        GITLAB_URL: 'https://gitlab.example.com',
        _HANDLER: 'index.handler',
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'AKIDFUNCTION',
        AWS_SESSION_TOKEN: expect.any(String),
        AWS_LAMBDA_FUNCTION_NAME: FUNCTION_NAME,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '300',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${FUNCTION_NAME}`,
        AWS_LAMBDA_LOG_FORMAT: 'JSON',
        AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      },
      zone: 'UTC',
    });
  });

  it('holds the folder of the bundle, in which the function also starts', async () => {
    await using rig = await startRig(TELL_ALL);

    const { payload } = await rig.invoke();

    const { env, folder } = payload as { env: Record<string, string>; folder: string };
    expect(rig.bundle).toBe(`${env['LAMBDA_TASK_ROOT']}/index.mjs`);
    expect(folder.endsWith(env['LAMBDA_TASK_ROOT'] ?? 'none')).toBe(true);
  });

  it('has nothing of the process that started the server', async () => {
    for (const name of ['AWS_PROFILE', 'AWS_ENDPOINT_URL', 'HTTPS_PROXY', ...OF_NODE]) {
      vi.stubEnv(name, 'leaked');
    }
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'leaked');
    vi.stubEnv('NODE_OPTIONS', '--title=leaked');
    await using rig = await startRig(TELL_ALL);

    const { payload } = await rig.invoke();

    expect(JSON.stringify(payload)).not.toContain('leaked');
  });

  it('has a home in which nobody keeps settings', async () => {
    await using rig = await startRig(TELL_ALL);

    const { payload } = await rig.invoke();

    const { home } = payload as { home: string };
    expect(home).not.toBe(homedir());
    expect(existsSync(home)).toBe(false);
  });

  it.each(['AWS_REGION', 'AWS_ACCESS_KEY_ID', '_HANDLER', 'AWS_LAMBDA_RUNTIME_API'])(
    'cannot replace what Lambda reserves: %s',
    async (name) => {
      await expect(startRig(TELL_ALL, { environment: { [name]: 'mine' } })).rejects.toThrow(
        `reserved for Lambda itself: ${name}`,
      );
    },
  );
});
