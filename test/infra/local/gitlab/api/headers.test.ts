import { describe, expect, it } from 'vitest';
import { crash, locked } from '../../../../../infra/local/gitlab/api/fault-answers.ts';
import type { GitLabSettings } from '../../../../../infra/local/gitlab/state/settings.ts';
import { type Given, given, type Reply } from '../given.ts';

interface Refusal {
  readonly what: string;
  readonly status: number;
  readonly send: (start: Given) => Promise<Reply>;
  readonly settings?: Partial<GitLabSettings>;
}

const BY_THE_ENDPOINT: readonly Refusal[] = [
  { what: 'an unknown token', status: 401, send: (start) => start.rotate('unknown') },
  {
    what: 'an unknown project',
    status: 404,
    send: (start) => start.rotate('first', {}, '/projects/9'),
  },
  {
    what: 'a foreign project',
    status: 401,
    send: (start) => start.rotate('first', {}, '/projects/3'),
  },
  {
    what: 'an unknown route',
    status: 404,
    send: (start) => start.send('POST', '/unheard/of', { token: 'first' }),
  },
  {
    what: 'what is no date',
    status: 400,
    send: (start) => start.rotate('first', { expires_at: 'soon' }),
  },
  {
    what: 'a date too far',
    status: 400,
    send: (start) => start.rotate('first', { expires_at: '2036-01-01' }),
  },
  {
    what: "a person's token",
    status: 405,
    send: (start) => {
      start.person(40);
      return start.rotate('person');
    },
  },
  {
    what: 'a blocked user',
    status: 403,
    send: (start) => {
      start.gitlab.user(start.first.userId).state = 'blocked';
      return start.probe('first');
    },
  },
];

const BEFORE_OR_BESIDE_IT: readonly Refusal[] = [
  {
    what: 'an expired token',
    status: 401,
    send: (start) => {
      start.clock.now = new Date('2027-01-01T00:00:00Z');
      return start.rotate('first');
    },
  },
  {
    what: 'a scope that does not do',
    status: 403,
    send: (start) => start.rotateById('first', start.first.id),
  },
  {
    what: 'too many addresses',
    status: 403,
    send: (start) => start.rotate('first'),
    settings: { tooManyIps: true },
  },
  {
    what: 'a read-only instance',
    status: 403,
    send: (start) => start.rotate('first', {}),
    settings: { readOnly: true },
  },
  {
    what: 'too many requests',
    status: 429,
    send: (start) => start.rotate('first'),
    settings: { retryAfterSeconds: 30 },
  },
  {
    what: 'a body that does not parse',
    status: 400,
    send: (start) =>
      start.send('POST', `${start.home}/access_tokens/self/rotate`, {
        token: 'first',
        headers: { 'content-type': 'application/json' },
        body: '{',
      }),
  },
  ...[crash(), locked()].map((answer) => ({
    what: 'a failure of its own',
    status: answer.status,
    send: (start: Given) => {
      start.gitlab.faults.add({
        operation: 'rotate',
        at: 'before',
        effect: { kind: 'answer', answer },
      });
      return start.rotate('first');
    },
  })),
];

async function refuse({ send, settings = {} }: Refusal): Promise<Reply> {
  await using start = await given({ settings });
  return await send(start);
}

describe('the headers of a refusal', () => {
  it.each(BY_THE_ENDPOINT)('are those of the endpoint for $what', async (refusal) => {
    const { answer, headers } = await refuse(refusal);

    expect(answer.status).toBe(refusal.status);
    expect(headers).toMatchObject({
      'x-frame-options': 'SAMEORIGIN',
      'x-content-type-options': 'nosniff',
    });
  });

  it.each(BEFORE_OR_BESIDE_IT)('are not those of the endpoint for $what', async (refusal) => {
    const { answer, headers } = await refuse(refusal);

    expect(answer.status).toBe(refusal.status);
    expect(headers).not.toHaveProperty('x-frame-options');
    expect(headers).not.toHaveProperty('x-content-type-options');
  });
});
