import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { GitLabRequest } from '../../../../lambda/gitlab/client.ts';
import { answering, startRawServer } from '../../../rig/scripted/raw-server.ts';
import { clientWith } from '../client/client-rig.ts';
import { startSlowServer } from '../client/slow-server.ts';
import { resolveTo } from './resolve-to.ts';

const PROBE: GitLabRequest = {
  call: 'probe',
  method: 'GET',
  path: '/personal_access_tokens/self',
  token: 'first',
  timeoutMs: 10_000,
};
/** Of loopback too, but nobody listens there. */
const NOBODY = '127.0.0.2';

afterEach(() => {
  vi.restoreAllMocks();
});

// Node and the kernel time this, so it takes the machine's own seconds.
describe('a GitLab of several addresses', () => {
  it('is waited for although it is slower than the default of Node, and the last address is dead', async () => {
    await using server = await startSlowServer();
    resolveTo('127.0.0.1', NOBODY);
    const client = clientWith({ gitlabUrl: `http://gitlab.invalid:${server.port}` });

    const sending = client.send(PROBE);
    await sleep(50);
    server.wake();

    expect(await sending).toMatchObject({ kind: 'answered', status: 200, text: '{}' });
  });

  it('is reached at the next address when the first says nothing', async () => {
    await using silent = await startSlowServer();
    await using _ = await startRawServer(
      answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'),
      { host: NOBODY, port: silent.port },
    );
    resolveTo('127.0.0.1', NOBODY);
    const client = clientWith({ gitlabUrl: `http://gitlab.invalid:${silent.port}` });

    expect(await client.send(PROBE)).toMatchObject({ kind: 'answered', status: 200 });
  });
});
