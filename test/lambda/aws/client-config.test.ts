import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CLIENT_CONFIG } from '../../../lambda/aws/call.ts';
import {
  AWS_ADDRESS_TIMEOUT_MS,
  AWS_CONNECT_TIMEOUT_MS,
  AWS_REQUEST_TIMEOUT_MS,
} from '../../../lambda/time/timing.ts';
import { closedPort, startRawServer } from '../../rig/scripted/raw-server.ts';
import { stubAwsEnv } from '../../rig/scripted/scripted-aws.ts';

/** The same, but for a shorter time-out: a test does not wait for seconds. */
const IMPATIENT_CONFIG = {
  ...CLIENT_CONFIG,
  requestHandler: Object.fromEntries(
    Object.entries(CLIENT_CONFIG.requestHandler).map(([name, value]) => [
      name,
      value === AWS_REQUEST_TIMEOUT_MS ? 250 : value,
    ]),
  ),
};

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('a client of the SDK', () => {
  it.each([
    ['says nothing', 0],
    ['stops in the middle of its answer', 10],
  ])('asks again where a server takes the request and %s', async (_what, sent) => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n';
    const body = JSON.stringify({ ARN: 'arn', SecretString: 'first' });
    const answer = `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
    const firstEnd = sent && answer.length - body.length + sent;
    await using server = await startRawServer((socket) => {
      const isFirst = server.sockets.length === 1;
      socket.once('data', () => socket.write(isFirst ? answer.slice(0, firstEnd) : answer));
    });
    stubAwsEnv(`http://127.0.0.1:${server.port}`);
    const client = new SecretsManagerClient(IMPATIENT_CONFIG);

    const reply = await client.send(new GetSecretValueCommand({ SecretId: 'app/token' }));
    client.destroy();

    expect(reply).toMatchObject({ SecretString: 'first', $metadata: { attempts: 2 } });
  });

  it.each([
    ['http', HttpAgent],
    ['https', HttpsAgent],
  ])('gives each address of AWS a part of the time to connect, by %s', async (protocol, Agent) => {
    const connecting = vi.spyOn(Agent.prototype, 'createConnection');
    stubAwsEnv(`${protocol}://127.0.0.1:${await closedPort()}`);
    const client = new SecretsManagerClient(CLIENT_CONFIG);

    const call = client.send(new GetSecretValueCommand({ SecretId: 'app/token' }));

    await expect(call).rejects.toMatchObject({ code: 'ECONNREFUSED', $metadata: { attempts: 3 } });
    expect(connecting).toHaveBeenCalledTimes(3);
    expect(connecting.mock.lastCall?.[0]).toMatchObject({
      autoSelectFamilyAttemptTimeout: AWS_ADDRESS_TIMEOUT_MS,
    });
  });

  it('gets to the third address, for an endpoint has one in each of three zones', () => {
    expect(3 * AWS_ADDRESS_TIMEOUT_MS).toBeLessThanOrEqual(AWS_CONNECT_TIMEOUT_MS);
    // More than Node's default, which is too short for some networks.
    expect(AWS_ADDRESS_TIMEOUT_MS).toBeGreaterThan(250);
  });

  it('retries as it is told here, whatever the environment says', async () => {
    vi.stubEnv('AWS_RETRY_MODE', 'adaptive');
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    const { config } = new SecretsManagerClient(CLIENT_CONFIG);

    expect(await config.maxAttempts()).toBe(3);
    expect(await config.retryStrategy()).toMatchObject({ mode: 'standard' });
  });
});
