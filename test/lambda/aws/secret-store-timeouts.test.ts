import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AwsSecretStore } from '../../../lambda/aws/secret-store.ts';
import { holdTimeouts } from '../../rig/function/held-timeouts.ts';
import { recordingLog } from '../../rig/function/recording-log.ts';
import { json, startScriptedAws } from '../../rig/scripted/scripted-aws.ts';
import { CURRENT, PENDING, REQUEST, storeAt } from './store-rig.ts';

const VERSION = { versionId: CURRENT, secretString: 'first', stages: ['AWSCURRENT'] };
const MOVE = { from: CURRENT, to: PENDING };

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A store whose server takes a request and stays silent. */
async function givenSilence() {
  const aws = await startScriptedAws(json({}));
  aws.faults.add({ operation: '*', at: 'before', effect: { kind: 'hang' } });
  const log = recordingLog();
  return Object.assign(aws, { log, store: storeAt(aws, log), timeouts: holdTimeouts() });
}

describe.each<[string, (store: AwsSecretStore, timeoutMs: number) => Promise<unknown>]>([
  ['describe', (store, ms) => store.describe('app/token', ms)],
  ['readPending', (store, ms) => store.readPending(REQUEST, ms)],
  ['readVersion', (store, ms) => store.readVersion('app/token', PENDING, ms)],
  ['readCurrent', (store, ms) => store.readCurrent('app/token', ms)],
  ['listVersions', (store, ms) => store.listVersions('app/token', ms)],
  ['proveWritable', (store, ms) => store.proveWritable(REQUEST, VERSION, ms)],
  ['promote', (store, ms) => store.promote('app/token', MOVE, ms)],
  ['storePending', (store, ms) => store.storePending(REQUEST, 'second', ms)],
])('%s', (_name, call) => {
  it('is given up after the time that it is given, and not repeated', async () => {
    await using aws = await givenSilence();

    const calling = call(aws.store, 1_234);
    calling.catch(() => undefined);
    await vi.waitFor(() => expect(aws.calls).toHaveLength(1), { interval: 2 });
    aws.timeouts.end();

    await expect(calling).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: { error: 'TimeoutError' },
    });
    expect(aws.timeouts.asked).toEqual([1_234]);
    expect(aws.calls).toHaveLength(1);
    expect(aws.log.lines).toMatchObject([{ level: 'warn', error: 'TimeoutError' }]);
  });
});
