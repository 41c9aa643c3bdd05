import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MembershipsAnswer, Probe } from '../../../lambda/ports/access-tokens.ts';
import { PatientTokens } from '../../../lambda/watch/patient-tokens.ts';
import { active } from './watch-fakes.ts';

const ACTIVE = active('12');
const NO_ANSWER: Probe = { kind: 'unreachable', reason: 'ECONNREFUSED' };
const DOWN: Probe = { kind: 'unreachable', reason: 'GITLAB_DOWN' };

interface GivenProps {
  /** In turn, the last for ever; or by the token and the milliseconds that have passed. */
  readonly probes: readonly Probe[] | ((token: string, now: number) => Probe);
  readonly memberships?: MembershipsAnswer | ((token: string, now: number) => MembershipsAnswer);
  /** How long an answer takes. @default 0 */
  readonly answerMs?: number;
  readonly timeoutMs?: number;
}

/** GitLab with these answers, and all requests to it: the token, when, and their time-out. */
function given({ probes, memberships, answerMs = 0, timeoutMs = 900_000 }: GivenProps) {
  const rest = typeof probes === 'function' ? [] : [...probes];
  const requests: { token: string; at: number; limitMs: number }[] = [];
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const tokens = new PatientTokens(
    {
      probe: async (token, limitMs) => {
        requests.push({ token, at: Date.now(), limitMs });
        if (answerMs > 0) {
          await sleep(answerMs);
        }
        return typeof probes === 'function'
          ? probes(token, Date.now())
          : ((rest.length > 1 ? rest.shift() : rest[0]) ?? NO_ANSWER);
      },
      memberships: async (token, limitMs) => {
        requests.push({ token, at: Date.now(), limitMs });
        if (answerMs > 0) {
          await sleep(answerMs);
        }
        return typeof memberships === 'function'
          ? memberships(token, Date.now())
          : (memberships ?? { kind: 'untold' });
      },
    },
    { now: () => new Date(), sleep, remainingMs: () => timeoutMs - Date.now() },
  );
  const seconds = (token?: string) =>
    requests.filter((one) => token === undefined || one.token === token).map(({ at }) => at / 1000);
  return { tokens, requests, seconds };
}

/** Lets time pass until it is done. */
async function played<T>(work: Promise<T>): Promise<T> {
  const failed = work.catch(() => undefined);
  await vi.runAllTimersAsync();
  await failed;
  return await work;
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0, toFake: ['Date', 'setTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a GitLab that answers', () => {
  it('is asked by several at once', async () => {
    const { tokens, seconds } = given({ probes: [ACTIVE], answerMs: 5000 });
    const later = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await tokens.probe('two', 10_000);
    };

    await played(Promise.all([tokens.probe('one', 10_000), later()]));

    expect(seconds()).toEqual([0, 1]);
  });
});

describe('a GitLab that is asked too often', () => {
  it('is waited for as long as it says, however often', async () => {
    const limited: Probe = { kind: 'rate-limited', retryAfterMs: 30_000 };
    const { tokens } = given({ probes: [limited, limited, limited, limited, ACTIVE] });

    expect(await played(tokens.probe('token', 10_000))).toBe(ACTIVE);
    expect(Date.now()).toBe(120_000);
  });

  it('is waited for longer each time where it does not say how long', async () => {
    const limited: Probe = { kind: 'rate-limited' };
    const { tokens } = given({ probes: [limited, limited, limited, ACTIVE] });

    await played(tokens.probe('token', 10_000));

    expect(Date.now()).toBe(2000 + 4000 + 8000);
  });

  it('is not asked without a pause where it asks for none', async () => {
    const limited: Probe = { kind: 'rate-limited', retryAfterMs: 0 };
    const { tokens } = given({ probes: [limited, limited, ACTIVE] });

    await played(tokens.probe('token', 10_000));

    expect(Date.now()).toBe(2000 + 4000);
  });

  it('is asked by nobody else meanwhile', async () => {
    const { tokens, seconds } = given({
      probes: [{ kind: 'rate-limited', retryAfterMs: 30_000 }, ACTIVE],
    });

    await played(Promise.all([tokens.probe('one', 1000), tokens.probe('two', 1000)]));
    await played(tokens.probe('three', 1000));

    expect(seconds()).toEqual([0, 0, 30, 30]);
  });

  it('is not waited for longer than there is time', async () => {
    const limited: Probe = { kind: 'rate-limited', retryAfterMs: 60_000 };
    const { tokens } = given({ probes: [limited], timeoutMs: 80_000 });

    expect(await played(tokens.probe('one', 10_000))).toBe(limited);
    expect(await played(tokens.probe('two', 10_000))).toEqual({
      kind: 'unreachable',
      reason: 'NO_TIME_LEFT',
    });
    expect(await played(tokens.memberships('two', 10_000))).toEqual({ kind: 'unreachable' });
    expect(Date.now()).toBe(0);
  });
});

describe('a GitLab that limits the questions for memberships alone', () => {
  const NAMES = Array.from({ length: 100 }, (_, index) => `pair-${index}`);
  const limited = { kind: 'rate-limited', retryAfterMs: 60_000 } as const;

  it('is asked them three times, and then no more', async () => {
    const { tokens, seconds } = given({ probes: [ACTIVE], memberships: limited });
    const ask = async () => {
      for (const name of NAMES) {
        expect(await tokens.memberships(name, 5000)).toMatchObject({ kind: 'rate-limited' });
        expect(await tokens.probe('token', 10_000)).toBe(ACTIVE);
      }
    };

    await played(ask());

    expect(NAMES.flatMap((name) => seconds(name))).toEqual([0, 60, 120]);
    expect(seconds('token')).toHaveLength(100);
    expect(Date.now()).toBe(120_000);
  });

  it('is not waited for where that takes minutes', async () => {
    const memberships = { kind: 'rate-limited', retryAfterMs: 60_001 } as const;
    const { tokens, seconds } = given({ probes: [ACTIVE], memberships });

    expect(await played(tokens.memberships('one', 5000))).toBe(memberships);
    expect(await played(tokens.memberships('two', 5000))).toEqual({ kind: 'rate-limited' });
    expect(await played(tokens.probe('token', 10_000))).toBe(ACTIVE);
    expect([seconds('one'), seconds('two'), Date.now()]).toEqual([[0], [], 0]);
  });

  it('is asked for as long as it answers some of them', async () => {
    const { tokens, seconds } = given({
      probes: [ACTIVE],
      memberships: (token, now) =>
        token === 'busy' && now < 300_000 ? limited : { kind: 'untold' },
      answerMs: 100,
    });
    const others = async () => {
      for (let count = 0; count < 20; count += 1) {
        await new Promise((resolve) => setTimeout(resolve, 30_000));
        await tokens.memberships('other', 5000);
      }
    };

    const [busy] = await played(Promise.all([tokens.memberships('busy', 5000), others()]));

    expect(busy).toEqual({ kind: 'untold' });
    expect(seconds('busy').map(Math.floor)).toEqual([0, 60, 120, 180, 240, 300]);
  });
});

describe('a GitLab that does not answer', () => {
  it('is waited for while it restarts, by one request at a time; then every token is checked', async () => {
    const { tokens, seconds } = given({
      probes: (_token, now) => (now < 10_000 ? NO_ANSWER : ACTIVE),
      answerMs: 100,
    });
    const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

    const answers = await played(Promise.all(names.map((name) => tokens.probe(name, 10_000))));

    expect(answers.map(({ kind }) => kind)).toEqual(names.map(() => 'active'));
    const [restart, back] = [
      seconds().filter((at) => at > 0 && at < 10),
      seconds().filter((at) => at > 10),
    ];
    expect(restart.length).toBeLessThanOrEqual(4);
    expect(new Set(restart).size).toBe(restart.length);
    expect(back).toHaveLength(8);
    expect(Date.now()).toBeLessThan(25_000);
  });

  it('is asked with growing pauses for three minutes, then no more', async () => {
    const { tokens, seconds } = given({ probes: [NO_ANSWER] });

    expect(await played(tokens.probe('one', 10_000))).toBe(NO_ANSWER);
    expect(await played(tokens.probe('two', 10_000))).toEqual(DOWN);
    expect(await tokens.memberships('two', 10_000)).toEqual({ kind: 'unreachable' });
    expect(seconds()).toEqual([0, 4, 12, 30, 68, 138, 210]);
  });

  it('is asked when its maintenance ends', async () => {
    const { tokens, seconds } = given({ probes: [{ ...NO_ANSWER, retryAfterMs: 5000 }, ACTIVE] });

    expect(await played(tokens.probe('token', 10_000))).toBe(ACTIVE);
    expect(seconds()).toEqual([0, 7]);
  });

  it('is not asked without a pause, whatever it says', async () => {
    const { tokens, seconds } = given({ probes: [{ ...NO_ANSWER, retryAfterMs: 0 }, ACTIVE] });

    await played(tokens.probe('token', 10_000));

    expect(seconds()).toEqual([0, 4]);
  });

  it('says what it said last where time runs out', async () => {
    const { tokens } = given({ probes: [NO_ANSWER], timeoutMs: 40_000 });

    expect(await played(tokens.probe('token', 10_000))).toBe(NO_ANSWER);
    expect(Date.now()).toBeLessThan(20_000);
  });

  it('counts as down only after minutes without any answer', async () => {
    const { tokens } = given({
      probes: (_token, now) => (now >= 130_000 && now < 140_000 ? ACTIVE : NO_ANSWER),
    });

    expect(await played(tokens.probe('one', 10_000))).toBe(ACTIVE);
    expect(Date.now()).toBe(138_000);
    vi.setSystemTime(140_000);
    await played(tokens.probe('two', 10_000));
    expect(Date.now()).toBe(140_000 + 210_000);
  });

  it('is not left alone because an error of ours stopped the one who tried', async () => {
    const { tokens, seconds } = given({
      probes: (token, now) => {
        if (token === 'broken' && now > 0) {
          throw new TypeError('bug');
        }
        return now === 0 ? NO_ANSWER : ACTIVE;
      },
    });

    await expect(played(tokens.probe('broken', 10_000))).rejects.toThrow('bug');
    await played(tokens.probe('two', 10_000));

    expect(seconds('two')).toEqual([4]);
  });
});

describe('a single request without an answer', () => {
  it('is sent three times while GitLab answers others', async () => {
    const { tokens, seconds } = given({
      probes: (token) => (token === 'ill' ? NO_ANSWER : ACTIVE),
    });
    const others = async () => {
      for (let count = 0; count < 20; count += 1) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        expect(await tokens.probe('well', 10_000)).toBe(ACTIVE);
      }
    };

    const [ill] = await played(Promise.all([tokens.probe('ill', 10_000), others()]));

    expect(ill).toBe(NO_ANSWER);
    expect(seconds('ill')).toHaveLength(3);
    expect(seconds('well')).toHaveLength(20);
  });

  it('for memberships is sent once, and says nothing of GitLab', async () => {
    const { tokens, seconds } = given({ probes: [ACTIVE], memberships: { kind: 'unreachable' } });

    for (let count = 0; count < 20; count += 1) {
      expect(await played(tokens.memberships('pair', 5000))).toEqual({ kind: 'unreachable' });
    }

    expect(await played(tokens.probe('token', 10_000))).toBe(ACTIVE);
    expect(seconds('pair')).toHaveLength(20);
    expect(Date.now()).toBe(0);
  });

  it('gets no more time than is left', async () => {
    const { tokens, requests } = given({ probes: [ACTIVE], timeoutMs: 24_000 });

    await played(tokens.probe('token', 10_000));

    expect(requests.map(({ limitMs }) => limitMs)).toEqual([4000]);
  });
});
