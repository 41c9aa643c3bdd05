import { describe, expect, it } from 'vitest';
import type { Demo } from '../../../../infra/local/demo/demo.ts';
import { findFault } from '../../../../infra/local/demo/demo-faults.ts';
import type { DemoReport } from '../../../../infra/local/demo/report.ts';
import { secretStateOf } from '../../../../infra/local/demo/secret-state.ts';
import { presentDemo } from '../../../../infra/local/show/present.ts';
import { play, startDemo } from './simulated-demo.ts';

function stored(demo: Demo, secretId: string | undefined) {
  return JSON.parse(demo.cloud.secretsManager.valueOf(secretId ?? '', 'AWSCURRENT') ?? '{}');
}

/** What no report and no log may hold. */
function tokensIn({ cloud, secretId }: Demo): string[] {
  return [secretId, ...(cloud.recoverySecretId ? [cloud.recoverySecretId] : [])]
    .flatMap((id) => cloud.secretsManager.snapshot(id).versions)
    .flatMap(({ value = '{}' }) => {
      const { token, standby } = JSON.parse(value);
      return [token, standby?.token].filter((each) => each !== undefined);
    });
}

function currentOf({ after }: DemoReport) {
  return after.labels.find(({ label }) => label === 'AWSCURRENT');
}

function codesOf({ cloud }: Demo) {
  return cloud.sns.messages.map(({ attributes }) => attributes['code']?.value);
}

describe('npm start -- --recovery', () => {
  it("has a Maintainer's token in a secret of its own, which counts as no orphan", async () => {
    await using demo = await startDemo({ recovery: true });
    const { gitlab, cloud } = demo;

    const { token, tokenId } = stored(demo, cloud.recoverySecretId);

    const { userId, scopes } = gitlab.tokens[Number(tokenId) - 1] ?? {};
    expect(gitlab.isActive(token)).toBe(true);
    expect(scopes).toEqual(['api']);
    expect(gitlab.members).toContainEqual(expect.objectContaining({ userId, level: 40 }));
    expect(gitlab.user(userId ?? 0).kind).toBe('person');
    expect(secretStateOf(demo).orphans).toEqual([]);
  });

  it.each([
    ['answer-lost', 1],
    ['function-killed', 2],
  ])('shows how a token that was lost is recovered: %s', async (name, attempts) => {
    const fault = findFault(name);
    await using demo = await startDemo({ scopes: fault.scopes, recovery: true });

    const report = await play(demo, fault);

    const { gitlab, cloud } = demo;
    expect(report).toMatchObject({ ending: 'rotated', expectedEnding: 'rotated', attempts });
    expect(codesOf(demo)).toEqual(['HEALED']);
    expect(currentOf(report)).toMatchObject({ status: 'active' });
    expect(report.after.orphans).toEqual([]);
    expect(gitlab.rotateRequests.map(({ operation }) => operation)).toEqual([
      'rotate',
      'rotateById',
    ]);
    expect(gitlab.rotateRequests.filter(({ deadToken }) => deadToken)).toEqual([]);
    const told = JSON.stringify([report, presentDemo(report), cloud.lambda.logs]);
    for (const token of tokensIn(demo)) {
      expect(told).not.toContain(token);
    }
  });
});

describe('npm start -- --alternating', () => {
  it('has two active tokens in the secret, and neither is an orphan', async () => {
    await using demo = await startDemo({ alternating: true });
    const { token, standby } = stored(demo, demo.secretId);

    const { labels, orphans } = secretStateOf(demo);

    expect(labels[0]).toMatchObject({ tokenId: '1', status: 'active' });
    expect(labels[0]?.standby).toMatchObject({ tokenId: '2', status: 'active' });
    expect(orphans).toEqual([]);
    expect(token).not.toBe(standby.token);
  });

  it('shows both tokens, prints neither, and a current token that is never dead', async () => {
    await using demo = await startDemo({ alternating: true });

    const report = await play(demo);

    const text = presentDemo(report);
    expect(report.outcome).toBe('succeeded');
    expect(text).toMatch(/AWSCURRENT +token 1, active until .*\n +standby +token 2, active until /);
    const told = JSON.stringify([report, text, demo.cloud.lambda.logs]);
    for (const token of tokensIn(demo)) {
      expect(told).not.toContain(token);
    }
    expect(report.inactiveWindow).toEqual({ ms: 0, ongoing: false });
    expect(currentOf(report)).toMatchObject({
      tokenId: '3',
      status: 'active',
      standby: { tokenId: '1', status: 'active' },
    });
    expect(report.after.orphans).toEqual([]);
  });

  it('shows that a lost answer costs the standby only', async () => {
    const fault = findFault('answer-lost');
    await using demo = await startDemo({ scopes: fault.scopes, alternating: true });

    const report = await play(demo, fault);

    expect(codesOf(demo)).toEqual(['STANDBY_LOST', 'STANDBY_DEAD']);
    expect(report.inactiveWindow).toEqual({ ms: 0, ongoing: false });
    expect(currentOf(report)).toMatchObject({ tokenId: '1', status: 'active' });
    expect([report.ending, report.expectedEnding]).toEqual(['not rotated', 'not rotated']);
  });
});
