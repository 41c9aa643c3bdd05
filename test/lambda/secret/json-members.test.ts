import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits, parseJsonMembers, removal } from '../../../lambda/secret/json-members.ts';

describe('parseJsonMembers', () => {
  it.each(['', 'x', '[]', '"{}"', '1', 'null', '{', '{"a":1,}', '{"a":1}x'])(
    'finds no object in %j',
    (text) => {
      expect(parseJsonMembers(text)).toBeUndefined();
    },
  );

  it('finds every member of any object, its value and its place', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(4), (object, indent) => {
        const text = JSON.stringify(object, null, indent);

        const members = parseJsonMembers(text) ?? [];

        const expected: object = JSON.parse(text);
        expect(members.map(({ key, value }) => [key, value])).toEqual(Object.entries(expected));
        for (const { key, value, start, valueStart, end } of members) {
          expect(JSON.parse(text.slice(valueStart, end))).toEqual(value);
          expect(text.slice(start)).toMatch(/^"/);
          expect(JSON.parse(`{${text.slice(start, end)}}`)).toEqual({ [key]: value });
        }
      }),
    );
  });

  it('keeps duplicates apart', () => {
    const members = parseJsonMembers('{"a":1,"a":{"a":2}}');

    expect(members?.map(({ value }) => value)).toEqual([1, { a: 2 }]);
  });
});

describe('removal', () => {
  it.each([
    ['{"a":1}', 0, '{}'],
    ['{ "a":1 , "b":2 }', 0, '{ "b":2 }'],
    ['{ "a":1 , "b":2 }', 1, '{ "a":1 }'],
    ['{"a":1,"b":2,"c":3}', 1, '{"a":1,"c":3}'],
  ])('leaves an object behind: %s without member %i', (text, index, rest) => {
    const members = parseJsonMembers(text) ?? [];
    const member = members[index];

    const edits = member === undefined ? [] : [removal(members, member)];

    expect(applyEdits(text, edits)).toBe(rest);
  });
});
