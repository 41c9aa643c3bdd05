import { describe, expect, it } from 'vitest';
import type { MembershipsAnswer, Probe } from '../../../lambda/ports/access-tokens.ts';
import { PatientTokens } from '../../../lambda/watch/patient-tokens.ts';
import { active } from './watch-fakes.ts';

const ACTIVE = active('12');
const NO_ANSWER: Probe = { kind: 'unreachable', reason: 'ECONNREFUSED' };

/** GitLab with these answers in turn, the last for ever; the clock moves by sleep alone. */
function given(answers: readonly Probe[], timeoutMs = 900_000) {
  let now = 0;
  const rest = [...answers];
  const limits: number[] = [];
  const next = async (_token: string, limitMs: number) => {
    limits.push(limitMs);
    return (rest.length > 1 ? rest.shift() : rest[0]) ?? NO_ANSWER;
  };
  const tokens = new PatientTokens(
    { probe: next, memberships: next as unknown as () => Promise<MembershipsAnswer> },
    {
      now: () => new Date(now),
      sleep: async (ms) => {
        now += ms;
      },
      remainingMs: () => timeoutMs - now,
    },
  );
  return { tokens, limits, now: () => now };
}

describe(PatientTokens, () => {
  it('waits as long as GitLab says, however often', async () => {
    const limited: Probe = { kind: 'rate-limited', retryAfterMs: 30_000 };
    const { tokens, now } = given([limited, limited, limited, limited, ACTIVE]);

    expect(await tokens.probe('token', 10_000)).toBe(ACTIVE);
    expect(now()).toBe(120_000);
  });

  it('waits longer each time where GitLab does not say how long', async () => {
    const limited: Probe = { kind: 'rate-limited' };
    const { tokens, now } = given([limited, limited, limited, ACTIVE]);

    await tokens.probe('token', 10_000);

    expect(now()).toBe(2000 + 4000 + 8000);
  });

  it('asks nobody else meanwhile', async () => {
    const { tokens, limits } = given([{ kind: 'rate-limited', retryAfterMs: 30_000 }, ACTIVE]);

    await Promise.all([tokens.probe('one', 1000), tokens.probe('two', 1000)]);

    expect(limits.length).toBeLessThanOrEqual(3);
  });

  it('gives up on a pause that is longer than its time', async () => {
    const limited: Probe = { kind: 'rate-limited', retryAfterMs: 60_000 };
    const { tokens, now } = given([limited], 80_000);

    expect(await tokens.probe('one', 10_000)).toBe(limited);
    expect(await tokens.probe('two', 10_000)).toEqual({
      kind: 'unreachable',
      reason: 'NO_TIME_LEFT',
    });
    expect(await tokens.memberships('two', 10_000)).toEqual({ kind: 'unreachable' });
    expect(now()).toBe(0);
  });

  it('asks three times where no answer comes, and a GitLab that is down no more', async () => {
    const { tokens, limits } = given([NO_ANSWER]);

    const answers = [];
    for (const token of ['one', 'two', 'three', 'four']) {
      answers.push(await tokens.probe(token, 10_000));
    }

    expect(limits).toHaveLength(9);
    expect(answers.at(-1)).toEqual({ kind: 'unreachable', reason: 'GITLAB_DOWN' });
    expect(await tokens.memberships('four', 10_000)).toEqual({ kind: 'unreachable' });
  });

  it('says what it heard last where GitLab goes down meanwhile', async () => {
    const { tokens } = given([NO_ANSWER]);

    const answers = await Promise.all(
      ['one', 'two', 'three', 'four'].map((token) => tokens.probe(token, 10_000)),
    );

    expect(answers.every(({ kind }) => kind === 'unreachable')).toBe(true);
  });

  it('waits for the end of a maintenance', async () => {
    const { tokens, now } = given([{ ...NO_ANSWER, retryAfterMs: 5000 }, ACTIVE]);

    expect(await tokens.probe('token', 10_000)).toBe(ACTIVE);
    expect(now()).toBe(5000);
  });

  it('counts as down only what has not answered since', async () => {
    const { tokens } = given([
      ...Array(6).fill(NO_ANSWER),
      ACTIVE,
      ...Array(3).fill(NO_ANSWER),
      ACTIVE,
    ]);

    const answers = [];
    for (let count = 0; count < 5; count += 1) {
      answers.push((await tokens.probe('token', 10_000)).kind);
    }

    expect(answers).toEqual(['unreachable', 'unreachable', 'active', 'unreachable', 'active']);
  });

  it('gives a request no more than is left', async () => {
    const { tokens, limits } = given([ACTIVE], 24_000);

    await tokens.probe('token', 10_000);

    expect(limits).toEqual([4000]);
  });
});
