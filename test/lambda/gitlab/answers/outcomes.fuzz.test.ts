import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProbe, readRotateOutcome } from '../../../../lambda/gitlab/outcomes.ts';
import type { GitLabResponse } from '../../../../lambda/gitlab/response.ts';
import { isToken } from '../../../../lambda/secret/token-text.ts';
import { ACTIVE } from '../../../rig/scripted/gitlab-answers.ts';

const NUM_RUNS = 300;

/** Statuses that say that GitLab did nothing; no other may lead to a second request. */
const HARMLESS = [400, 401, 403, 404, 405, 413, 414, 415, 429, 431];

/** What does not convert to text, nests to no end, or is nearly right. */
const oddValue = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>({ toString: 1, valueOf: 1 }, [[{ toString: null }]], '', 0, -1, 2 ** 60),
  fc.constantFrom('invalid_token', '401 Unauthorized', 'insufficient_scope', '403 Forbidden - x'),
  fc.constantFrom('2027-01-01', 'before 2027-02-30', ['before 2027-01-01'], 'successor-1', 'first'),
);
const MEMBERS = [
  'id',
  'token',
  'scopes',
  'expires_at',
  'granular',
  'user_id',
  'error',
  'error_description',
  'message',
  '__proto__',
];
const body = fc.oneof(
  fc.dictionary(fc.constantFrom(...MEMBERS), oddValue).map((members) => JSON.stringify(members)),
  fc
    .dictionary(fc.constantFrom(...MEMBERS), oddValue)
    .map((members) => JSON.stringify({ ...ACTIVE, ...members })),
  fc.json(),
  fc.string(),
);
const header = fc.oneof(
  fc.string(),
  fc.constantFrom(undefined, '0', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT'),
);
const status = fc.oneof(fc.constantFrom(200, 201, ...HARMLESS), fc.integer({ min: 200, max: 599 }));
const answer = fc
  .record({ status, text: body, value: header })
  .map(({ status: code, text, value }): Extract<GitLabResponse, { kind: 'answered' }> => {
    return { kind: 'answered', status: code, text, header: () => value };
  });

describe('any answer to a probe', () => {
  it('is read without an error, and finds a token dead by a 401 of GitLab’s only', () => {
    fc.assert(
      fc.property(answer, (response) => {
        const probe = readProbe(response);

        expect(probe.kind !== 'dead' || response.status === 401).toBe(true);
        expect(probe.kind !== 'active' || response.status === 200).toBe(true);
        expect(probe.kind !== 'active' || /^[1-9]\d*$/.test(probe.token.tokenId)).toBe(true);
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe('any answer to a rotate request', () => {
  it('is read without an error, and as harmless only where GitLab surely did nothing', () => {
    fc.assert(
      fc.property(answer, (response) => {
        const { kind } = readRotateOutcome(response, 'first', { kind: 'token' });

        const harmless = HARMLESS.includes(response.status);
        expect(harmless).toBe(!['rotated', 'unknown'].includes(kind));
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('is a rotation exactly where it is a 2xx with a usable token that is not the old one', () => {
    fc.assert(
      fc.property(answer, (response) => {
        const outcome = readRotateOutcome(response, 'first', { kind: 'token' });

        const given = response.status < 300 ? tokenIn(response.text) : undefined;
        const usable = typeof given === 'string' && isToken(given) && given !== 'first';
        expect(outcome.kind === 'rotated' ? outcome.successor.token : undefined).toBe(
          usable ? given : undefined,
        );
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it.each(['message', 'error', 'error_description'])(
    'may nest its %s deeper than anybody could read it out',
    (member) => {
      const depth = 50_000;
      const text = `{"message":${'['.repeat(depth)}${']'.repeat(depth)}}`.replace(
        'message',
        member,
      );
      const statuses = [...HARMLESS, 200, 500];

      const kinds = statuses.map((code) => {
        const response = { kind: 'answered', status: code, text, header: () => undefined } as const;
        return readRotateOutcome(response, 'first', { kind: 'token' }).kind;
      });

      expect(kinds.slice(-2)).toEqual(['unknown', 'unknown']);
      expect(kinds[0]).toBe(member === 'message' ? 'perhaps-raced' : 'refused');
    },
  );
});

function tokenIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'token' in value
      ? value.token
      : undefined;
  } catch {
    return undefined;
  }
}
