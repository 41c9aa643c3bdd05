import { describe, expect, it } from 'vitest';
import {
  foreignSuccessor,
  foreignUser,
  mistrusted,
} from '../../../lambda/successor/foreign-successor.ts';

const ROTATED = {
  tokenId: '4',
  userId: '3',
  scopes: ['self_rotate'],
  expiresAt: null,
  canRotate: true,
};
const { userId: _, ...WITHOUT_USER } = ROTATED;

describe(foreignUser, () => {
  it('tells the two users where they differ', () => {
    expect(foreignUser(ROTATED, { token: 'other', userId: '9' })).toEqual({
      userId: '9',
      expectedUserId: '3',
    });
  });

  it.each([
    [ROTATED, { token: 'successor-1', userId: '3' }],
    [ROTATED, { token: 'successor-1' }],
    [WITHOUT_USER, { token: 'successor-1', userId: '9' }],
    [WITHOUT_USER, { token: 'successor-1' }],
  ])('suspects nothing where they are the same, or one is not known', (rotated, successor) => {
    expect(foreignUser(rotated, successor)).toBeUndefined();
  });
});

describe(mistrusted, () => {
  it('gives the token the id of the one that was rotated', () => {
    expect(mistrusted(ROTATED, { token: 'other', tokenId: '8', userId: '9' })).toMatchObject({
      token: 'other',
      tokenId: '4',
    });
  });
});

describe(foreignSuccessor, () => {
  const users = { userId: '9', expectedUserId: '3' };

  it('tells the users, and not the id of a token that is not ours to rotate', () => {
    const { code, details } = foreignSuccessor(users);

    expect({ code, details }).toEqual({ code: 'PENDING_TOKEN_REJECTED', details: users });
  });
});
