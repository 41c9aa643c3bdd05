import { describe, expect, it } from 'vitest';
import {
  parseListedToken,
  parseMemberships,
  parseObjects,
} from '../../../../lambda/gitlab/parse-json.ts';

describe(parseMemberships, () => {
  it('names what is reached by kind and id, with the role, in an order of its own', () => {
    const body = {
      groups: [{ id: 7, access_levels: 20 }],
      projects: [
        { id: 9, access_levels: { project_access_level: null, group_access_level: 20 } },
        { id: 10, access_levels: { project_access_level: 40, group_access_level: 20 } },
      ],
    };

    const reach = parseMemberships(body);

    expect(reach).toStrictEqual({ 'group 7': '20', 'project 10': '40', 'project 9': '20' });
    expect(Object.keys(reach ?? {})).toEqual(['group 7', 'project 10', 'project 9']);
  });

  it('finds two tokens alike whatever the order of their lists', () => {
    const [one, other] = [{ id: 1 }, { id: 2 }];

    const reach = parseMemberships({ groups: [], projects: [one, other] });

    expect(Object.keys(reach ?? {})).toEqual(
      Object.keys(parseMemberships({ groups: [], projects: [other, one] }) ?? {}),
    );
  });

  it.each([
    [{ group_access_level: 40, project_access_level: 30 }, '40'],
    [{ project_access_level: null, group_access_level: null }, '0'],
    [50, '50'],
    [null, '0'],
    [undefined, '0'],
    ['40', '0'],
    [[40], '0'],
    [1e300, '0'],
    [-40, '0'],
    [{ project_access_level: '40', other: 20.5 }, '0'],
  ])('takes the highest role in %j: %s', (access_levels, role) => {
    expect(parseMemberships({ groups: [{ id: 1, access_levels }], projects: [] })).toStrictEqual({
      'group 1': role,
    });
  });

  it('leaves out what is no object or has no id', () => {
    const odd = [null, 7, 'first', [{ id: 1 }], {}, { id: '1' }, { id: 0 }, { id: 2 ** 60 }];

    expect(parseMemberships({ groups: odd, projects: odd })).toStrictEqual({});
  });

  it.each([
    undefined,
    {},
    { groups: [] },
    { projects: [] },
    { groups: {}, projects: [] },
    { groups: [], projects: null },
    { message: '401 Unauthorized' },
  ])('is undefined for %j', (body) => {
    expect(parseMemberships(body)).toBeUndefined();
  });
});

describe(parseObjects, () => {
  it('reads the objects of a list', () => {
    expect(parseObjects('[{"id":4},{"id":5}]')).toStrictEqual([{ id: 4 }, { id: 5 }]);
  });

  it('leaves out what is no object', () => {
    expect(parseObjects('[null,7,"first",[{"id":4}],{}]')).toStrictEqual([{}]);
  });

  it.each(['', '[{"id":4}', '{"id":4}', '<html></html>', 'null', '"first"', '5', '[],"list":[]'])(
    'is undefined for %j',
    (text) => {
      expect(parseObjects(text)).toBeUndefined();
    },
  );
});

describe(parseListedToken, () => {
  const LISTED = {
    id: 5,
    user_id: 3,
    name: 'publish',
    created_at: '2026-11-22T09:03:36.008Z',
    active: true,
  };

  it('reads what tells a token from its siblings', () => {
    expect(parseListedToken(LISTED)).toStrictEqual({
      tokenId: '5',
      userId: '3',
      name: 'publish',
      createdAt: '2026-11-22T09:03:36.008Z',
    });
  });

  it('reads a name and a time only as far as they may be told', () => {
    const name = 'glpat-abcdefghijklmnopqrst\n';

    expect(parseListedToken({ ...LISTED, name, created_at: name })).toMatchObject({
      name: 'glpat-ab…',
      createdAt: '',
    });
    expect(parseListedToken({ ...LISTED, name: null, created_at: 7 })).toMatchObject({
      name: '',
      createdAt: '',
    });
  });

  it.each([
    undefined,
    {},
    { ...LISTED, id: undefined },
    { ...LISTED, id: '5' },
    { ...LISTED, id: 2 ** 60 },
    { ...LISTED, user_id: null },
    { ...LISTED, user_id: -3 },
  ])('is undefined for %j', (body) => {
    expect(parseListedToken(body)).toBeUndefined();
  });
});
