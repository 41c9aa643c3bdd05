import fc, { type AsyncCommand } from 'fast-check';
import { OUR_SETUPS, SETUPS } from '../../rig/stage/setups.ts';
import { WAYS, type WayName } from '../matrix/cells/ways.ts';
import {
  atCall,
  filledAt,
  isPossible,
  OPERATIONS,
  type Operation,
  revokedAt,
  slow,
} from './commands/call-troubles.ts';
import { ByHand, DEED_NAMES, TimePasses } from './commands/hand-command.ts';
import { Recovery } from './commands/recovery-command.ts';
import { Rotation } from './commands/rotation-command.ts';
import {
  deliveredTwice,
  resultLost,
  stale,
  type Trouble,
  topicRefuses,
  twiceAtOnce,
} from './commands/troubles.ts';
import type { Model } from './world/model.ts';
import { NAMES, type Name } from './world/names.ts';
import { USUAL, type Variant } from './world/variant.ts';
import type { World } from './world/world.ts';

/** How often a rotation that is tried twice makes each call, or nearly. */
const CALLS: Readonly<Record<Operation, number>> = {
  probe: 6,
  reach: 2,
  rotate: 2,
  getToken: 1,
  listTokens: 2,
  rotateById: 2,
  revoke: 2,
  DescribeSecret: 5,
  GetSecretValue: 8,
  ListSecretVersionIds: 1,
  PutSecretValue: 3,
  UpdateSecretVersionStage: 2,
};
const call = fc.constantFrom(
  ...OPERATIONS.flatMap((operation) =>
    Array.from({ length: CALLS[operation] }, (_, place) => [operation, place + 1] as const),
  ),
);
/** What cannot be undone, what keeps that it brought, and what gives it to consumers. */
const hotCall = fc.constantFrom(
  ['rotate', 1] as const,
  ['PutSecretValue', 2] as const,
  ['UpdateSecretVersionStage', 1] as const,
);
/** Four invocations an attempt. */
const invocation = fc.integer({ min: 1, max: 6 });
const whose = fc.nat({ max: 1 });
const way = fc.constantFrom(...(Object.keys(WAYS) as WayName[]));

const troubleAt = (at: typeof call) =>
  fc
    .tuple(way, at, whose)
    .filter(([how, [operation]]) => isPossible(how, operation))
    .map(([how, [operation, nth], of]) => atCall(how, operation, nth, of));

const staleReads = fc
  .tuple(
    fc.record({
      operation: fc.constantFrom(
        'DescribeSecret' as const,
        'GetSecretValue' as const,
        'ListSecretVersionIds' as const,
      ),
      times: fc.constantFrom(1, 3, 60),
      writesBehind: fc.constantFrom(1, 2, 4),
    }),
    invocation,
  )
  .map((args) => stale(...args));

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 6, arbitrary: troubleAt(call) },
  { weight: 6, arbitrary: troubleAt(hotCall) },
  { weight: 2, arbitrary: staleReads },
  {
    weight: 2,
    arbitrary: fc
      .tuple(call, fc.constantFrom(5_000, 40_000, 55_000))
      .map(([[operation, nth], ms]) => slow(operation, nth, ms)),
  },
  { weight: 1, arbitrary: fc.tuple(call, whose).map(([at, of]) => revokedAt(...at, of)) },
  { weight: 1, arbitrary: fc.tuple(call, whose).map(([at, of]) => filledAt(...at, of)) },
  { weight: 1, arbitrary: invocation.map(resultLost) },
  { weight: 1, arbitrary: invocation.map(deliveredTwice) },
  { weight: 1, arbitrary: fc.constantFrom(1, 9).map(topicRefuses) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('setSecret' as const, 'testSecret' as const, 'finishSecret' as const)
      .map(twiceAtOnce),
  },
);

const troubles = fc.array(trouble, { maxLength: 4, size: 'max' });
/** Trouble that passes: the rotation must go through in the end. */
const passing = fc.array(
  trouble.filter(({ costs }) => costs !== 'rotation'),
  { maxLength: 3, size: 'max' },
);
const name = fc.constantFrom<Name>(...NAMES);
const names = fc.constantFrom<readonly Name[]>(['A'], ['B'], NAMES);

type Command = AsyncCommand<Model, World>;

/** One command: mostly a rotation, mostly disturbed. */
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(names, troubles).map(([whom, each]) => new Rotation(whom, 'by hand', each)),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(names, passing).map(([whom, each]) => new Rotation(whom, 'by hand', each)),
  },
  { weight: 2, arbitrary: troubles.map((each) => new Rotation(NAMES, 'when due', each)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...DEED_NAMES), name)
      .map((args): Command => new ByHand(...args)),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 45 * 24 }).map((hours): Command => new TimePasses(hours)),
  },
  { weight: 1, arbitrary: name.map((each): Command => new Recovery(each)) },
);

/** In which world it happens: mostly with AWS as it mostly is. */
export const variants: fc.Arbitrary<Variant> = fc
  .record({
    setup: fc.constantFrom(...OUR_SETUPS),
    aws: fc.oneof(
      { weight: 3, arbitrary: fc.constant(USUAL) },
      {
        weight: 1,
        arbitrary: fc.record({
          labelLingers: fc.boolean(),
          rotationTokens: fc.boolean(),
          plainText: fc.subarray([...NAMES]),
        }),
      },
    ),
  })
  .map(({ setup, aws }) => ({
    ...aws,
    setup,
    plainText: SETUPS[setup].alternating ? [] : aws.plainText,
  }));

/** What happens to two secrets, in its order. @param replayPath of a sequence that failed */
export function sequences(replayPath?: string) {
  return fc.commands([command], {
    maxCommands: 8,
    size: 'max',
    ...(replayPath !== undefined && { replayPath }),
  });
}
