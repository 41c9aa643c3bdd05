import {
  badGateway,
  crash,
  rateLimited,
  serviceUnavailable,
} from '../../../infra/local/gitlab/api/fault-answers.ts';
import {
  internalError,
  serviceError,
  throttled,
} from '../../../infra/local/secrets-manager/state/errors.ts';
import type { Fault } from '../../../infra/local/server/faults.ts';
import type { StandIn } from '../../../infra/local/server/stand-in.ts';
import type { Answer } from '../../../infra/local/server/wire.ts';
import { type Chance, chanceOf } from '../../prove/simulation/course/random.ts';
import type { Stage } from '../../rig/stage/stage.ts';

/** One way in which a call can go wrong. */
type Way = Pick<Fault, 'at' | 'effect'>;

const RESET: Way['effect'] = { kind: 'reset' };
/** Either the call was not carried out, or its answer is lost. */
const RESETS: readonly Way[] = [
  { at: 'before', effect: RESET },
  { at: 'after', effect: RESET },
  { at: 'after', effect: { kind: 'cut' } },
];

/** The calls of the function. That of a person who starts a rotation is not among them. */
const OPERATIONS = {
  gitlab: ['probe', 'rotate', 'rotateById', 'revoke', 'getToken', 'listTokens', 'version'],
  secretsManager: [
    'DescribeSecret',
    'GetSecretValue',
    'ListSecretVersionIds',
    'PutSecretValue',
    'UpdateSecretVersionStage',
  ],
} as const;

/** Lets a share of the calls to both services go wrong, by chance. @param calls of each operation at most */
export function addFaults(
  { gitlab, cloud, clock }: Stage,
  { share, seed, calls }: { readonly share: number; readonly seed: number; readonly calls: number },
): void {
  const chance = chanceOf(seed);
  const add = (server: StandIn, operations: readonly string[], ways: () => readonly Way[]) => {
    for (const operation of operations) {
      for (let nth = 1; nth <= calls; nth += 1) {
        if (chance.next() < share) {
          server.faults.add({ operation, nth, ...oneOf(ways(), chance) });
        }
      }
    }
  };
  add(gitlab, OPERATIONS.gitlab, () => [
    ...RESETS,
    ...answers(badGateway(), serviceUnavailable(), crash()),
    { at: 'before', effect: { kind: 'answer', answer: rateLimited(5, clock.now()) } },
    // Longer than a probe waits, and shorter than a rotate request does.
    { at: 'after', effect: { kind: 'delay', ms: 15_000 } },
  ]);
  add(cloud.secretsManager, OPERATIONS.secretsManager, () => [
    ...RESETS,
    ...answers(throttled(), internalError(), serviceError('InternalServiceError', '', 503)),
  ]);
}

/** Instead of carrying the call out, and after it. */
function answers(...given: readonly Answer[]): readonly Way[] {
  return given.flatMap((answer) =>
    (['before', 'after'] as const).map((at) => ({
      at,
      effect: { kind: 'answer', answer } as const,
    })),
  );
}

function oneOf<T>(things: readonly T[], chance: Chance): T {
  return things[chance.between(0, things.length - 1)] as T;
}
