import { describe, expect, it } from 'vitest';
import {
  earliestDate,
  parseActiveToken,
  parseIssuedToken,
  parseObject,
  parseVersion,
} from '../../../../lambda/gitlab/parse-json.ts';

const ACTIVE = {
  id: 4,
  name: 'publish',
  revoked: false,
  scopes: ['self_rotate'],
  user_id: 3,
  active: true,
  expires_at: '2027-02-20',
};
const ISSUED = { ...ACTIVE, id: 5, token: 'successor-1' };

describe(parseObject, () => {
  it('reads the members of an object', () => {
    expect(parseObject('{"id":4,"name":null}')).toStrictEqual({ id: 4, name: null });
  });

  it.each(['', '{"token":"first"', '<html></html>', '[]', 'null', '"first"', '5', 'true'])(
    'is undefined for %j',
    (text) => {
      expect(parseObject(text)).toBeUndefined();
    },
  );
});

describe(parseActiveToken, () => {
  it('reads what a step needs', () => {
    expect(parseActiveToken(ACTIVE)).toStrictEqual({
      tokenId: '4',
      userId: '3',
      scopes: ['self_rotate'],
      expiresAt: '2027-02-20',
      canRotate: true,
    });
  });

  it.each([null, undefined])('takes %j for a token that never expires', (expires_at) => {
    expect(parseActiveToken({ ...ACTIVE, expires_at })).toMatchObject({ expiresAt: null });
  });

  it.each([
    [['self_rotate'], true],
    [['api'], true],
    [['read_api', 'self_rotate'], true],
    [['read_api', 'read_repository'], false],
    [[], false],
  ])('tells of the scopes %j whether they allow rotation: %j', (scopes, canRotate) => {
    expect(parseActiveToken({ ...ACTIVE, scopes })).toMatchObject({ scopes, canRotate });
  });

  it.each([
    [true, true],
    [false, false],
    ['yes', false],
  ])('lets the rotation decide for a granular token: %j', (granular, canRotate) => {
    expect(parseActiveToken({ ...ACTIVE, scopes: [], granular })).toMatchObject({ canRotate });
  });

  it('tells of a granular token that it is one, and of no other', () => {
    expect(parseActiveToken({ ...ACTIVE, granular: true })).toMatchObject({ granular: true });
    expect(parseActiveToken({ ...ACTIVE, granular: false })).not.toHaveProperty('granular');
  });

  it.each([undefined, null, '3', 0])('does not need to know the user: %j', (user_id) => {
    expect(parseActiveToken({ ...ACTIVE, user_id })).not.toHaveProperty('userId');
  });

  it.each([
    { id: undefined },
    { id: '4' },
    { id: 0 },
    { id: -1 },
    { id: 4.5 },
    { id: 2 ** 53 },
    { scopes: undefined },
    { scopes: 'self_rotate' },
    { scopes: ['api', 5] },
    { expires_at: 20270220 },
    { expires_at: ['2027-02-20'] },
    { expires_at: '2027-02-20T00:00:00Z' },
    { expires_at: '20 Feb 2027' },
    { expires_at: '2027-02-30' },
    { expires_at: '9999-99-99' },
    { revoked: true },
    { active: false },
  ])('is undefined with %j', (odd) => {
    expect(parseActiveToken({ ...ACTIVE, ...odd })).toBeUndefined();
  });

  it('is undefined without a body', () => {
    expect(parseActiveToken(undefined)).toBeUndefined();
  });

  it('tells nothing among the scopes that is no scope', () => {
    const scopes = ['self_rotate', 'k8s_proxy', 'prefix-first', 'First', 'a b', '', 'x'.repeat(41)];

    expect(parseActiveToken({ ...ACTIVE, scopes })?.scopes).toStrictEqual([
      'self_rotate',
      'k8s_proxy',
    ]);
  });
});

describe(parseIssuedToken, () => {
  it('reads the successor', () => {
    expect(parseIssuedToken(ISSUED)).toStrictEqual({
      token: 'successor-1',
      tokenId: '5',
      userId: '3',
      expiresAt: '2027-02-20',
    });
  });

  it('tells a token that never expires from one that says nothing of it', () => {
    expect(parseIssuedToken({ ...ISSUED, expires_at: null })).toHaveProperty('expiresAt', null);
    expect(parseIssuedToken({ ...ISSUED, expires_at: undefined })).not.toHaveProperty('expiresAt');
  });

  it.each(['5', 0, -5, 5.5, 2 ** 53, null, {}])('takes the token although its id is %j', (id) => {
    expect(parseIssuedToken({ ...ISSUED, id, user_id: id })).toStrictEqual({
      token: 'successor-1',
      expiresAt: '2027-02-20',
    });
  });

  it.each([
    'tomorrow',
    '2027-2-1',
    '2027-13-01',
    '2027-02-29',
    '2027-02-20T00:00:00Z',
    20270220,
    false,
  ])('takes the token although it expires %j', (expires_at) => {
    expect(parseIssuedToken({ ...ISSUED, expires_at })).toStrictEqual({
      token: 'successor-1',
      tokenId: '5',
      userId: '3',
    });
  });

  it.each(['!', '~', 'a.b-c_d', 'x'.repeat(512)])('takes a token like %j', (token) => {
    expect(parseIssuedToken({ token })).toStrictEqual({ token });
  });

  it.each([
    undefined,
    null,
    5,
    '',
    ['successor-1'],
    'x'.repeat(513),
    'successor 1',
    'successor-1\n',
    'süccessor',
    'successor\u007f',
  ])('finds no token in %j', (token) => {
    expect(parseIssuedToken({ ...ISSUED, token })).toBeUndefined();
  });

  it('is undefined without a body', () => {
    expect(parseIssuedToken(undefined)).toBeUndefined();
  });
});

describe(earliestDate, () => {
  it.each([
    ['400 Bad request - Expiration date must be before 2027-11-22', '2027-11-22'],
    ['400 Bad request - Expires at must be before 2027-02-20 and before 2027-01-31', '2027-01-31'],
    ['400 Bad request - Ablaufdatum muss vor dem 2027-11-22 liegen', '2027-11-22'],
    ['有効期限は2027-11-22より前', '2027-11-22'],
  ])('reads %j', (text, date) => {
    expect(earliestDate(text)).toBe(date);
  });

  it.each([
    '',
    '400 Bad request - Token already revoked',
    '22.11.2027',
    '12027-11-223',
    'before 2027-02-29',
    'before 9999-99-99',
  ])('finds none in %j', (text) => {
    expect(earliestDate(text)).toBeUndefined();
  });
});

describe(parseVersion, () => {
  it.each([
    ['17.9.0', [17, 9]],
    ['18.6.1-ee', [18, 6]],
    ['17.10.0-pre', [17, 10]],
    ['16.0', [16, 0]],
  ])('reads %j', (version, parsed) => {
    expect(parseVersion({ version })).toStrictEqual(parsed);
  });

  it.each([undefined, null, 18, 'v18.6', '18', 'latest', '12345.1'])(
    'is undefined for %j',
    (version) => {
      expect(parseVersion({ version })).toBeUndefined();
    },
  );

  it('is undefined without a body', () => {
    expect(parseVersion(undefined)).toBeUndefined();
  });
});
