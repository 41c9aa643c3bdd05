import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { accessDenied } from '../../../../infra/local/secrets-manager/state/errors.ts';
import { RotationError } from '../../../../lambda/failure.ts';
import type { Probe } from '../../../../lambda/ports/access-tokens.ts';
import type { SecretVersion } from '../../../../lambda/ports/secret-store.ts';
import { createSecret } from '../../../../lambda/steps/create-secret.ts';
import { READ_TIMEOUT_MS } from '../../../../lambda/time/timing.ts';
import { failureOf, startAlternatingRig } from '../../../rig/function/alternating-rig.ts';
import { putSecond, type Rig, startRig } from '../../../rig/function/rig.ts';

const SLOW_MS = 30;
const REFUSED: Probe = { kind: 'refused', refusal: 'forbidden', status: 403 };
const SILENT: Probe = { kind: 'unreachable', reason: 'TIMEOUT' };
const LIMITED = { kind: 'rate-limited', retryAfterMs: 6_000 } as const;

type Method = 'describe' | 'readPending' | 'readCurrent' | 'proveWritable';

/** Makes these calls slow. @returns how many of them have no answer yet */
function slow({ services: { secrets } }: Rig, ...methods: readonly Method[]): () => number {
  let open = 0;
  const store = secrets as unknown as Record<Method, (...given: unknown[]) => Promise<unknown>>;
  for (const method of methods) {
    const call = store[method].bind(secrets);
    store[method] = async (...given) => {
      open += 1;
      try {
        await wait(SLOW_MS);
        return await call(...given);
      } finally {
        open -= 1;
      }
    };
  }
  return () => open;
}

/** What GitLab answers to the probes of a token, one after another; then it is really asked. */
function answerProbes({ services: { tokens } }: Rig, answers: Record<string, readonly Probe[]>) {
  const ask = tokens.probe.bind(tokens);
  const left = new Map(Object.entries(answers).map(([token, probes]) => [token, [...probes]]));
  const asked: string[] = [];
  tokens.probe = async (token, timeoutMs) => {
    asked.push(token);
    return left.get(token)?.shift() ?? ask(token, timeoutMs);
  };
  return asked;
}

/** The first look at the labels does not show the rotation yet, and until the second this read is as old. */
function showOldFirst(
  rig: Rig,
  read: 'readCurrent' | 'readPending',
  old: SecretVersion | undefined,
) {
  const { request, services } = rig;
  const { secrets } = services;
  const store = secrets as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
  const [look, readNow] = [secrets.describe, store[read]];
  let looks = 0;
  secrets.describe = async (...given) => {
    looks += 1;
    const description = await look.apply(secrets, given);
    const { [request.versionId]: _pending, ...stages } = description.stages;
    return looks === 1 ? { ...description, stages } : description;
  };
  store[read] = async (...given) => (looks <= 1 ? old : readNow?.apply(secrets, given));
}

/** Does something before createSecret looks at the labels a last time, or before it has that answer. */
function atLastLook(
  { services: { secrets } }: Rig,
  { before, after }: Partial<Record<'before' | 'after', () => Promise<unknown>>>,
): void {
  const look = secrets.describe.bind(secrets);
  let looks = 0;
  secrets.describe = async (...given) => {
    looks += 1;
    const isLast = looks === 2;
    await (isLast && before?.());
    const description = await look(...given);
    await (isLast && after?.());
    return description;
  };
}

describe('when createSecret ends, nothing that it began goes on', () => {
  it('where the version is current already', async () => {
    await using rig = await startRig();
    for (const step of ['createSecret', 'testSecret', 'finishSecret'] as const) {
      await rig.run(step);
    }
    const open = slow(rig, 'readPending', 'readCurrent');

    await rig.run('createSecret');

    expect(open()).toBe(0);
  });

  it('where this process has filled the version', async () => {
    await using rig = await startRig();
    await rig.run('createSecret');
    const open = slow(rig, 'readPending', 'readCurrent');

    await rig.run('createSecret');

    expect(open()).toBe(0);
  });

  it('where the labels cannot be read', async () => {
    await using rig = await startRig();
    const open = slow(rig, 'readPending', 'readCurrent');
    rig.services.secrets.describe = () =>
      Promise.reject(new RotationError('STORE_DENIED', 'not allowed'));

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'STORE_DENIED' });

    expect(open()).toBe(0);
  });

  it('where the token may not rotate itself', async () => {
    await using rig = await startRig({ scopes: ['read_api'] });
    const open = slow(rig, 'proveWritable');

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SCOPE_MISSING' });

    expect(open()).toBe(0);
  });

  it('where GitLab refuses to say anything of one token, and is silent on the other', async () => {
    await using rig = await startAlternatingRig();
    const asked = answerProbes(rig, { first: [REFUSED], standby: Array(9).fill(SILENT) });
    const { sleep } = rig.clock;
    rig.clock.sleep = async (ms) => {
      await wait(5);
      await sleep.call(rig.clock, ms);
    };

    await failureOf(rig.run('createSecret'));

    const probes = asked.length;
    await wait(SLOW_MS);
    expect(asked).toHaveLength(probes);
  });
});

describe('of two failures', () => {
  it.each([
    ['the standby fails first', 0, SLOW_MS],
    ['the current token fails first', SLOW_MS, 0],
  ])('that of the standby is told where %s', async (_which, standbyMs, firstMs) => {
    await using rig = await startAlternatingRig();
    rig.services.tokens.probe = async (token) => {
      await wait(token === 'standby' ? standbyMs : firstMs);
      return REFUSED;
    };

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { standby: true },
    });
  });
});

it('a change of the secret is told before a GitLab that gives no answer', async () => {
  await using rig = await startRig();
  const { tokens } = rig.services;
  const probe = tokens.probe.bind(tokens);
  atLastLook(rig, { before: () => putSecond(rig) });
  let probes = 0;
  tokens.probe = async (...given) => {
    probes += 1;
    return probes === 2 ? REFUSED : probe(...given);
  };

  await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'VERSION_NOT_STAGED' });
});

describe('what was asked too early is asked again', () => {
  it('where GitLab limited the rate when it was asked what the tokens reach', async () => {
    await using rig = await startAlternatingRig();
    const limited = [{ ...LIMITED }];
    answerProbes(rig, { first: limited, standby: limited });
    const { clock, services } = rig;
    const opensAt = clock.now().getTime() + LIMITED.retryAfterMs;
    services.tokens.memberships = async (token) =>
      clock.now().getTime() < opensAt
        ? LIMITED
        : { kind: 'told', pages: [{ [`project of ${token}`]: '40' }], isWhole: true };

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'standby-differs' },
    });

    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it('where the probes took long: whether the secret can be written', async () => {
    await using rig = await startRig();
    answerProbes(rig, { first: [LIMITED] });
    const answer = accessDenied('secretsmanager:PutSecretValue');
    const put = { operation: 'PutSecretValue', at: 'before', nth: 2 } as const;
    rig.secretsManager.faults.add({ ...put, effect: { kind: 'answer', answer } });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'STORE_DENIED' });

    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it('where the labels did not show the rotation yet: the current value', async () => {
    await using rig = await startRig();
    const old = await rig.services.secrets.readCurrent(rig.secretId, 1_000);
    await putSecond(rig);
    showOldFirst(rig, 'readCurrent', old);

    await rig.run('createSecret');

    expect(rig.gitlab.isActive('first')).toBe(true);
    expect(rig.gitlab.isActive('second')).toBe(false);
  });

  it('where the labels did not show the rotation yet: the value of the version', async () => {
    await using rig = await startRig();
    await rig.run('createSecret');
    await putSecond(rig);
    showOldFirst(rig, 'readPending', undefined);

    // Another process, which does not know what this one has stored.
    await failureOf(createSecret()(rig.newRun()));

    expect(rig.gitlab.isActive('second')).toBe(true);
    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });

  it('where the last labels came late, and another run has rotated meanwhile: whether the token is active', async () => {
    await using rig = await startRig();
    const { tokens } = rig.services;
    const probe = tokens.probe.bind(tokens);
    const probed = Promise.withResolvers<void>();
    let probes = 0;
    tokens.probe = async (...given) => {
      const answer = await probe(...given);
      probes += 1;
      if (probes === 2) {
        probed.resolve();
      }
      return answer;
    };
    atLastLook(rig, {
      after: async () => {
        await probed.promise;
        await createSecret()(rig.newRun());
        rig.clock.advance(1);
      },
    });

    await rig.run('createSecret');

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
    expect(rig.gitlab.isActive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
  });
});

it('a token that was found dead is not asked about again, however late the last labels come', async () => {
  await using rig = await startAlternatingRig();
  const { tokens } = rig.services;
  const probe = tokens.probe.bind(tokens);
  const found = Promise.withResolvers<void>();
  let probes = 0;
  tokens.probe = async (token, timeoutMs) => {
    probes += token === 'standby' ? 1 : 0;
    if (probes === 3) {
      return { ...LIMITED, retryAfterMs: 60_000 };
    }
    if (probes === 2) {
      rig.gitlab.revoke(rig.standbyTokenId);
    }
    return probe(token, timeoutMs).finally(probes === 2 ? found.resolve : undefined);
  };
  atLastLook(rig, {
    after: async () => {
      await found.promise;
      // By then the step has the answer of GitLab.
      await wait(0);
      rig.clock.advance(1);
    },
  });

  await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'STANDBY_DEAD' });

  expect(rig.gitlab.rotateRequests).toEqual([]);
});

it('what is asked early takes no longer than one read may', async () => {
  await using rig = await startRig();
  const { secrets } = rig.services;
  const limits: number[] = [];
  for (const method of ['readPending', 'readCurrent', 'proveWritable'] as const) {
    const store = secrets as unknown as Record<Method, (...given: unknown[]) => Promise<unknown>>;
    const call = store[method].bind(secrets);
    store[method] = async (...given) => {
      limits.push(Number(given.at(-1)));
      return call(...given);
    };
  }

  await rig.run('createSecret');

  expect(limits).toEqual(Array(3).fill(READ_TIMEOUT_MS));
});

it('does not put a version again that the labels do not show as current', async () => {
  await using rig = await startRig();
  const old = await rig.services.secrets.readCurrent(rig.secretId, 1_000);
  await putSecond(rig);
  rig.services.secrets.readCurrent = async () => old;
  const puts = () =>
    rig.secretsManager.calls.filter(({ operation }) => operation === 'PutSecretValue').length;
  const before = puts();

  await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'VERSION_NOT_STAGED' });

  expect(puts()).toBe(before);
  expect(rig.gitlab.rotateRequests).toEqual([]);
});
