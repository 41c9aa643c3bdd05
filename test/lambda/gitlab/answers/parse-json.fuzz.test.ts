import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseListedToken,
  parseMemberships,
  parseObject,
  parseObjects,
} from '../../../../lambda/gitlab/parse-json.ts';

const NUM_RUNS = 300;
const ID = /^[1-9]\d*$/;

/** What does not convert to text, nests, or is nearly right. */
const oddValue = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>({ toString: 1, valueOf: 1 }, [[null]], '', 0, -1, 2 ** 60, 1e300),
);
const MEMBERS = ['id', 'user_id', 'name', 'created_at', 'access_levels', '__proto__'];
const item = fc.dictionary(fc.constantFrom(...MEMBERS), fc.oneof(oddValue, fc.nat()));
const items = fc.array(fc.oneof(item, oddValue));
const text = fc.oneof(
  items.map((list) => JSON.stringify(list)),
  fc
    .record({ groups: fc.oneof(items, oddValue), projects: fc.oneof(items, oddValue) })
    .map((body) => JSON.stringify(body)),
  fc.json(),
  fc.string(),
);

describe('any list of tokens', () => {
  it('is read without an error, and each token by its ids', () => {
    fc.assert(
      fc.property(text, (body) => {
        const tokens = parseObjects(body)?.map(parseListedToken) ?? [];

        for (const token of tokens) {
          expect(token?.tokenId ?? '1').toMatch(ID);
          expect(token?.userId ?? '1').toMatch(ID);
          expect(token?.name ?? '').toMatch(/^[^\p{C}"]{0,61}$/u);
          expect(token?.createdAt ?? '').toMatch(/^(?:[\d-]{10}T[\d:.]+(?:Z|[+-][\d:]{5}))?$/);
        }
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe('any answer about what a token can reach', () => {
  it('is read without an error, as kinds, ids and roles', () => {
    fc.assert(
      fc.property(text, (body) => {
        const reach = parseMemberships(parseObject(body)) ?? {};

        for (const [what, role] of Object.entries(reach)) {
          expect(what).toMatch(/^(?:group|project) [1-9]\d*$/);
          expect(role).toMatch(/^\d{1,16}$/);
        }
      }),
      { numRuns: NUM_RUNS },
    );
  });
});
