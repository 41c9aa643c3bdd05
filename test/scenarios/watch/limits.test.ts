import { describe, expect, it } from 'vitest';
import { codesOf, givenSecret, secretIn, startWatchRig, type WatchRig } from './watch-rig.ts';

const HUNDRED = Array.from({ length: 100 }, (_, index) => `app-${index + 1}`);

async function givenSecrets(rig: WatchRig, names: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const name of names) {
    ids.push((await givenSecret(rig, name, { scheduled: false })).secretId);
  }
  return ids;
}

/** Lets GitLab answer so many requests in a minute, and refuse the others until it is over. */
function limitRate({ stage: { gitlab, clock } }: WatchRig, perMinute: number): () => number {
  let refused = 0;
  let minute = -1;
  let count = 0;
  const effect = {
    kind: 'run',
    run: () => {
      const now = clock.now().getTime();
      if (Math.floor(now / 60_000) !== minute) {
        minute = Math.floor(now / 60_000);
        count = 0;
      }
      count += 1;
      refused += count > perMinute ? 1 : 0;
      gitlab.settings.retryAfterSeconds =
        count > perMinute ? Math.ceil(((minute + 1) * 60_000 - now) / 1000) : undefined;
    },
  } as const;
  gitlab.faults.add({ operation: 'probe', at: 'before', times: 10_000, effect });
  return () => refused;
}

describe('a GitLab that limits the rate', () => {
  it('is asked as often as it lets the watch, and each of a hundred secrets is checked', async () => {
    await using rig = await startWatchRig();
    const secrets = await givenSecrets(rig, HUNDRED);
    const refused = limitRate(rig, 20);
    const from = rig.stage.clock.now().getTime();

    const { report } = await rig.watch({ secrets, quiet: true });

    expect(report.secrets.map(({ current }) => current).every(Boolean)).toBe(true);
    expect(report.secrets.flatMap(({ findings }) => findings.map(({ code }) => code))).toEqual(
      HUNDRED.map(() => 'ROTATION_DISABLED'),
    );
    // Those that were under way when the limit was reached, once a minute.
    expect(refused()).toBeGreaterThan(0);
    expect(refused()).toBeLessThanOrEqual(5 * 8);
    expect(rig.stage.clock.now().getTime() - from).toBeLessThan(6 * 60_000);
  });

  it('too far for the time that the watch has: it ends in time and says what it did not reach', async () => {
    await using rig = await startWatchRig({ timeoutMs: 120_000 });
    const secrets = await givenSecrets(rig, HUNDRED);
    limitRate(rig, 20);
    const from = rig.stage.clock.now().getTime();

    const { report } = await rig.watch({ secrets });

    const unchecked = report.secrets.filter(({ findings }) =>
      findings.some(({ code }) => code === 'NOT_CHECKED'),
    );
    expect(report.secrets).toHaveLength(100);
    expect(unchecked.length).toBeGreaterThan(30);
    expect(unchecked.length).toBeLessThan(80);
    expect(rig.stage.clock.now().getTime() - from).toBeLessThan(120_000);
    expect(rig.messages()).toHaveLength(1);
    expect(rig.messages()[0]?.email).toContain(`NOT_CHECKED: ${unchecked.length} secrets`);
  });
});

describe('a GitLab that hangs', () => {
  it('does not keep the watch from what AWS says, nor to its end', async () => {
    await using rig = await startWatchRig();
    const secrets = await givenSecrets(rig, HUNDRED.slice(0, 20));
    rig.stage.gitlab.faults.add({
      operation: '*',
      at: 'before',
      times: 10_000,
      effect: { kind: 'hang' },
    });
    const from = rig.stage.clock.now().getTime();

    const { report } = await rig.watch({ secrets });

    for (const { name } of report.secrets) {
      expect(codesOf(report, name)).toEqual(['NOT_CHECKED', 'ROTATION_DISABLED']);
    }
    expect(rig.stage.clock.now().getTime() - from).toBeLessThan(120_000);
  });
});

describe('a Secrets Manager that hangs for one secret', () => {
  it('hides no other', async () => {
    await using rig = await startWatchRig();
    const secrets = await givenSecrets(rig, HUNDRED.slice(0, 3));
    rig.stage.cloud.secretsManager.faults.add({
      operation: 'DescribeSecret',
      at: 'before',
      times: 3,
      effect: { kind: 'hang' },
    });

    const { report } = await rig.watch({ secrets });

    const all = HUNDRED.slice(0, 3).map((name) => codesOf(report, name).join());
    expect(all.filter((codes) => codes === 'ROTATION_DISABLED').length).toBeGreaterThanOrEqual(2);
    expect(report.secrets).toHaveLength(3);
  });
});

describe('a message that nobody takes', () => {
  it('makes the invocation fail, so that Lambda tells', async () => {
    await using rig = await startWatchRig();
    const { secretId, tokenId } = await givenSecret(rig, 'app');
    rig.stage.gitlab.revoke(tokenId);
    rig.stage.cloud.sns.faults.add({
      operation: 'Publish',
      at: 'before',
      times: 100,
      effect: { kind: 'reset' },
    });

    const { error } = await rig.watch({ secrets: [secretId] });

    expect(error.errorMessage).toBe('UNEXPECTED: the findings could not be published');
    const logged = rig.lambda.logs.map((line) => JSON.stringify(line)).join('\n');
    expect(logged).toContain('REVOKED');
  });
});

describe('an event or a configuration that is wrong', () => {
  it.each([
    [{}, {}, 'EVENT_INVALID'],
    [{ secrets: [] }, {}, 'EVENT_INVALID'],
    [{ secrets: ['app'] }, { ROTATION_FUNCTION_ARN: 'rotation' }, 'CONFIG_INVALID'],
    [{ secrets: ['app'] }, { GITLAB_URL: 'gitlab' }, 'CONFIG_INVALID'],
  ])('%j with %j: %s', async (event, environment, code) => {
    await using rig = await startWatchRig({ environment });

    const { error } = await rig.watch(event);

    expect(error.errorType).toBe('RotationError');
    expect(error.errorMessage).toContain(code);
    expect(rig.messages()).toEqual([]);
  });
});

describe('a secret that is not there', () => {
  it('is found by the name that the event has', async () => {
    await using rig = await startWatchRig();
    const { secretId } = await givenSecret(rig, 'app');

    const { report } = await rig.watch({ secrets: ['gone', secretId] });

    expect(secretIn(report, 'gone').findings).toMatchObject([{ code: 'SECRET_MISSING' }]);
    expect(codesOf(report, 'app')).toEqual([]);
  });
});
