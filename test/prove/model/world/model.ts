import type { TokenRecord } from '../../../../infra/local/gitlab/gitlab.ts';
import { lives, targetOf } from './looks.ts';
import { NAMES, type Name } from './names.ts';
import type { World } from './world.ts';

/** What may be true of a secret by now. Whatever may not be is checked after each command. */
export interface SecretModel {
  /**
   * Consumers may hold a dead token: a person revoked it, or, where there is one token only, a
   * rotation was disturbed and failed.
   */
  mayBeDead: boolean;
  /** A rotation may be left unfinished, which blocks the next. */
  mayBeStuck: boolean;
  /**
   * What was lost until then may be so without an alert, in milliseconds: AWS has ended a rotation
   * for what others did, and tells that itself; or never learned that createSecret had gone well.
   */
  untoldUntil: number;
  /** Until then the token of consumers does not expire; in milliseconds. */
  livesUntil: number;
}

/** What the commands so far allow. */
export type Model = Readonly<Record<Name, SecretModel>>;

const DAY_MS = 24 * 3_600_000;
/** A day less than what a token has that a person makes. */
const HAND_MADE_MS = 29 * DAY_MS;
/** A day less than TOKEN_LIFETIME_DAYS. */
const SUCCESSOR_MS = 89 * DAY_MS;

/** Of a world in which nothing has happened yet. */
export function newModel(world: World): Model {
  const [A, B] = NAMES.map(() => ({
    mayBeDead: false,
    mayBeStuck: false,
    untoldUntil: 0,
    livesUntil: nowOf(world) + HAND_MADE_MS,
  })) as [SecretModel, SecretModel];
  return { A, B };
}

/** A rotation must go through where nothing disturbs it. */
export function isSound(model: Model, world: World, name: Name): boolean {
  const isRotatable = world.stage.setup.alternating
    ? lives(world, targetOf(world, name))
    : mustLive(model, world, name);
  return isRotatable && !model[name].mayBeStuck;
}

/** Consumers must hold an active token. */
export function mustLive(model: Model, world: World, name: Name): boolean {
  const { mayBeDead, livesUntil } = model[name];
  return !mayBeDead && nowOf(world) < livesUntil;
}

/** Consumers have a token that a person has just made. */
export function replaced(secret: SecretModel, world: World): void {
  secret.mayBeDead = false;
  secret.livesUntil = nowOf(world) + HAND_MADE_MS;
}

/** Consumers have a successor, perhaps of an earlier rotation, or what a person put in its place. */
export function rotated(secret: SecretModel, token: TokenRecord | undefined): void {
  secret.mayBeDead = false;
  secret.mayBeStuck = false;
  holds(secret, token);
}

/** Consumers have this token, which a rotation made, or a person. */
export function holds(secret: SecretModel, token: TokenRecord | undefined): void {
  const { createdAt, predecessorId } = token ?? {};
  const lifetimeMs = predecessorId === undefined ? HAND_MADE_MS : SUCCESSOR_MS;
  secret.livesUntil = (createdAt?.getTime() ?? 0) + lifetimeMs;
}

function nowOf({ stage }: World): number {
  return stage.clock.now().getTime();
}
