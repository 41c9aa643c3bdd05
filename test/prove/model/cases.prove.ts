import { describe, expect, it } from 'vitest';
import { atCall, filledAt, revokedAt, slow } from './commands/call-troubles.ts';
import { ByHand, TimePasses } from './commands/hand-command.ts';
import { Recovery } from './commands/recovery-command.ts';
import { Rotation } from './commands/rotation-command.ts';
import { resultLost, stale, topicRefuses } from './commands/troubles.ts';
import { givenPlayer } from './given-player.ts';
import { NAMES } from './world/names.ts';
import { USUAL } from './world/variant.ts';

const { play } = givenPlayer();

/**
 * Sequences that once failed, or that fast-check shrank to when lambda/ was broken on purpose: the
 * shortest in which a promise can be broken.
 */
describe('the shortest sequences in which a promise can be broken', () => {
  it('sends no second request after one that was never answered', async () => {
    await play([new Rotation(['A'], 'by hand', [atCall('silent before', 'rotate')])]);
  });

  it('presents no token whose day has come, and none that a person revoked', async () => {
    await play([
      new TimePasses(707),
      new Rotation(['A'], 'by hand'),
      new ByHand('current token revoked', 'B'),
      new Rotation(['B'], 'by hand'),
    ]);
  });

  it('survives a revocation between its probe and its request', async () => {
    await play([new Rotation(['A'], 'by hand', [revokedAt('probe', 2)])]);
  });

  it('tells each failed attempt once, and a dry run on a dead token too', async () => {
    await play([
      new Rotation(['A'], 'by hand', [atCall('replaced by hand', 'probe')]),
      new Rotation(['B'], 'by hand', [atCall('edited by hand', 'rotate')]),
      new ByHand('dry run', 'B'),
    ]);
  });

  it('does not revoke the token that somebody put in the place of its successor', async () => {
    await play([new Rotation(['A'], 'by hand', [filledAt('rotate', 1)])]);
  });

  it('finds out what GitLab did after it had given up', async () => {
    await play([
      new Rotation(['A'], 'by hand', [slow('rotate', 1, 55_000), topicRefuses(1)]),
      new Recovery('A'),
      new Rotation(['A'], 'when due', [stale({ operation: 'GetSecretValue', times: 60 }, 2)]),
    ]);
  });

  // Seed 1691174323. The token that somebody put there by hand looks like another run's successor.
  it('goes on after a lost answer, where somebody has filled the pending version', async () => {
    await play([
      new Rotation(['A'], 'by hand', [atCall('answer lost', 'rotate'), filledAt('probe', 1)]),
      new Rotation(['A'], 'by hand'),
    ]);
  });

  // Seed 1711693414. All attempts after the first say that nobody is hurt: that there is a
  // successor they could learn only from what they may not read.
  it('finds its successor after a lost result and a denied read, once it may read again', async () => {
    await play([
      new Rotation(['A'], 'by hand', [resultLost(1), atCall('denied', 'GetSecretValue', 3)]),
      new Rotation(['A'], 'when due'),
    ]);
  });

  // Seed 1899719645. The version to make is from before the token that somebody put meanwhile, and
  // the successor of that token is in it: what is older may have been replaced on purpose.
  it('does not look for a successor in what is older than the dead token', async () => {
    await play([
      new Rotation(NAMES, 'when due', [
        atCall('replaced by hand', 'rotate'),
        atCall('refused', 'PutSecretValue', 2),
        slow('DescribeSecret', 1, 5_000),
      ]),
      new Rotation(['A'], 'by hand'),
    ]);
  });

  it('keeps two secrets apart while the function of both is killed', async () => {
    await play([
      new Rotation(['A', 'B'], 'by hand', [
        atCall('killed after', 'rotate'),
        atCall('killed before', 'PutSecretValue', 2),
        resultLost(3),
      ]),
      new Rotation(['A', 'B'], 'when due'),
    ]);
  });
});

describe('where AWS is otherwise, and secrets in plain text', () => {
  it.each([
    { labelLingers: true, rotationTokens: true },
    { labelLingers: true, rotationTokens: false },
    { labelLingers: false, rotationTokens: false },
  ])('rotates, after a value was put again under a new version too: %o', async (cloud) => {
    await play(
      [
        new Rotation(NAMES, 'by hand'),
        new ByHand('the same value put again', 'A'),
        new ByHand('another field edited', 'B'),
        new Rotation(NAMES, 'by hand'),
        new ByHand('dry run', 'A'),
        new ByHand('new token put', 'A'),
        new Rotation(NAMES, 'when due'),
      ],
      { ...USUAL, ...cloud, plainText: ['A'] },
    );
  });

  it('tells of a lost successor, whose id no plain text could hold', async () => {
    await play([new Rotation(['A'], 'by hand', [atCall('answer lost', 'rotate')])], {
      ...USUAL,
      plainText: ['A'],
    });
  });
});

describe('a lost successor', () => {
  it('is healed by the next rotation, where the search for it was denied', async () => {
    await play(
      [
        new Rotation(['A'], 'by hand', [
          atCall('answer lost', 'rotate'),
          atCall('denied', 'listTokens'),
        ]),
        new Rotation(['A'], 'by hand'),
      ],
      { ...USUAL, setup: 'one token, recovery' },
    );
  });

  it('is found in the version that lost its label', async () => {
    await play([
      new Rotation(['A'], 'by hand', [atCall('label taken off', 'PutSecretValue', 2)]),
      new Rotation(['A'], 'by hand'),
    ]);
  });
});

describe('plain text', () => {
  // Seed -1433777905. Whose token the older version holds, nothing says: it is not brought back.
  it('does not find the successor over which somebody put the dead token once more', async () => {
    const troubles = [atCall('edited by hand', 'rotate'), atCall('down', 'DescribeSecret', 5)];
    await play([new Rotation(['A'], 'by hand', troubles), new Rotation(['A'], 'by hand')], {
      ...USUAL,
      plainText: NAMES,
    });
  });
});

describe('two alternating tokens', () => {
  it('leave consumers an active one, whatever becomes of the other', async () => {
    await play(
      [
        new Rotation(NAMES, 'by hand', [atCall('answer lost', 'rotate')]),
        new Rotation(['A'], 'by hand'),
        new Recovery('A'),
        new Rotation(['A'], 'when due', [atCall('label taken off', 'PutSecretValue', 2)]),
      ],
      { ...USUAL, setup: 'two tokens' },
    );
  });

  it('mend the death of one by the other, and of the other by the recovery credential', async () => {
    await play(
      [
        new ByHand('current token revoked', 'A'),
        new Rotation(['A'], 'by hand'),
        new ByHand('standby revoked', 'B'),
        new Rotation(NAMES, 'when due', [atCall('killed after', 'rotate')]),
      ],
      { ...USUAL, setup: 'two tokens, recovery' },
    );
  });
});

describe('the textbook rotator', () => {
  it('breaks the promises: the model notices', async () => {
    const lost = new Rotation(['A'], 'by hand', [atCall('answer lost', 'rotate')]);

    await expect(play([lost], { ...USUAL, setup: 'textbook' })).rejects.toThrow(
      /reuse detection killed token[\s\S]*presented when a rotation had killed it/,
    );
  });
});
