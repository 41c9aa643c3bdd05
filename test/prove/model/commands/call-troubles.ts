import type { FaultEffect } from '../../../../infra/local/server/faults.ts';
import type { Point } from '../../../rig/stage/points.ts';
import { runLater } from '../../../rig/stage/strike.ts';
import { WAYS, type WayName } from '../../matrix/cells/ways.ts';
import type { Name } from '../world/names.ts';
import type { World } from '../world/world.ts';
import { fillPending, revokeCurrent } from './people.ts';
import type { Cost, Trouble } from './troubles.ts';

/** The calls that can go wrong, by their service. */
const SERVICES = {
  probe: 'GitLab',
  reach: 'GitLab',
  rotate: 'GitLab',
  getToken: 'GitLab',
  listTokens: 'GitLab',
  rotateById: 'GitLab',
  revoke: 'GitLab',
  DescribeSecret: 'Secrets Manager',
  GetSecretValue: 'Secrets Manager',
  ListSecretVersionIds: 'Secrets Manager',
  PutSecretValue: 'Secrets Manager',
  UpdateSecretVersionStage: 'Secrets Manager',
} as const satisfies Record<string, Point['service']>;
export type Operation = keyof typeof SERVICES;
export const OPERATIONS = Object.keys(SERVICES) as readonly Operation[];

/**
 * What at most one of may disturb a rotation. Outages: a server cannot be taken down while it is
 * brought up. Restarts: who takes `AWSPENDING` off while createSecret runs and rotates again at
 * once runs two of them side by side, and both present the same token; no client can prevent it.
 */
const ONLY: Partial<Record<WayName, string>> = {
  refused: 'outage',
  down: 'outage',
  'label taken off': 'restart',
  'second rotation': 'restart',
};

/** Over in seconds. */
const BRIEF: readonly WayName[] = [
  'refused',
  'reset before',
  'answer lost',
  'answer cut',
  'silent before',
  'silent after',
  'late',
  'gateway before',
  'gateway after',
  'failing after',
  'throttled',
  'sent twice',
];
/**
 * Over when Secrets Manager tries again. Not `down`: what goes down after another failed attempt
 * stays down, for only the first retry brings it up.
 */
const UNTIL_RETRY: readonly WayName[] = [
  'failing',
  'throttled long',
  'killed before',
  'killed after',
  'timed out after',
];
/** What is known to have done nothing: only this may be sent again. */
const UNDONE: readonly WayName[] = ['refused', 'throttled'];

function costOf(way: WayName, operation: Operation): Cost {
  if (operation === 'rotate' || operation === 'rotateById') {
    return UNDONE.includes(way) ? 'time' : 'rotation';
  }
  if (BRIEF.includes(way)) {
    return 'time';
  }
  // The put that stores the successor cannot wait for another attempt.
  return UNTIL_RETRY.includes(way) && operation !== 'PutSecretValue' ? 'attempt' : 'rotation';
}

/** One of the ways of the fault matrix, at the nth call of an operation. */
export function atCall(way: WayName, operation: Operation, nth = 1, whose = 0): Trouble {
  const only = ONLY[way];
  return {
    costs: costOf(way, operation),
    text: `${way} at ${operation} ${nth}${whose === 0 ? '' : ' (of the other)'}`,
    ...(only !== undefined && { only }),
    arrange: (world, names) =>
      WAYS[way].arrange(sceneOf(world, names, whose), pointOf(world, operation, nth)),
  };
}

/**
 * Whether a client can do anything against it. A rotate request that the network repeats, and a
 * createSecret that is delivered in the middle of another, kill the successor.
 */
export function isPossible(way: WayName, operation: Operation): boolean {
  const isHarmless = operation !== 'rotate' && SERVICES[operation] === 'GitLab';
  return way !== 'overlapped' && (way !== 'sent twice' || isHarmless);
}

/** The request reaches its server at once and is carried out only so much later. */
export function slow(operation: Operation, nth: number, ms: number): Trouble {
  return {
    costs: operation === 'rotate' && ms > 5_000 ? 'rotation' : 'time',
    text: `${operation} ${nth} carried out ${ms / 1000} s late`,
    arrange: (world) => {
      const effect: FaultEffect = { kind: 'delay', ms };
      serverOf(world, operation).faults.add({ operation, at: 'before', nth, effect });
    },
  };
}

/** A person revokes the token of consumers when this call is through. */
export function revokedAt(operation: Operation, nth: number, whose = 0): Trouble {
  return {
    costs: 'rotation',
    text: `the current token revoked by hand at ${operation} ${nth}`,
    mayKill: true,
    arrange: (world, names) =>
      after(world, operation, nth, () => revokeCurrent(world, nameOf(names, whose))),
  };
}

/** A person puts a token into the version that the rotation is making when this call is through. */
export function filledAt(operation: Operation, nth: number, whose = 0): Trouble {
  return {
    costs: 'rotation',
    text: `the pending version filled by hand at ${operation} ${nth}`,
    arrange: (world, names) =>
      after(world, operation, nth, () =>
        // What AWS or the network refuses has not happened.
        fillPending(world, nameOf(names, whose)).catch(() => undefined),
      ),
  };
}

function after(world: World, operation: Operation, nth: number, what: () => unknown): void {
  const effect = runLater(world.stage, what);
  serverOf(world, operation).faults.add({ operation, at: 'after', nth, effect });
}

function nameOf(names: readonly Name[], whose: number): Name {
  return names[whose % names.length] ?? 'A';
}

function sceneOf({ scenes }: World, names: readonly Name[], whose: number) {
  return scenes[nameOf(names, whose)];
}

function serverOf({ stage }: World, operation: Operation) {
  return SERVICES[operation] === 'GitLab' ? stage.gitlab : stage.cloud.secretsManager;
}

/** Calls that only a disturbed rotation makes have no place in an undisturbed one. */
function pointOf({ points }: World, operation: Operation, nth: number): Point {
  return (
    points.find((point) => point.operation === operation && point.nth === nth) ?? {
      step: 'createSecret',
      service: SERVICES[operation],
      operation,
      nth,
    }
  );
}
