import type { AsyncCommand } from 'fast-check';
import type { RotationOutcome } from '../../../../infra/local/secrets-manager/rotation/run.ts';
import type { FaultEffect } from '../../../../infra/local/server/faults.ts';
import { checkInvariants } from '../invariants/invariants.ts';
import { currentTokenOf, holderOf, lives, targetOf, unfinishedOf } from '../world/looks.ts';
import { holds, isSound, type Model, mustLive, rotated } from '../world/model.ts';
import { NAMES, type Name } from '../world/names.ts';
import { clear, INTERVAL_DAYS, learnTokenIds, marksOf, pass, type World } from '../world/world.ts';
import { isMendable, requireMended } from './mendable.ts';
import { rotate } from './people.ts';
import { mustSucceed, requireClean } from './require-clean.ts';
import type { Trouble } from './troubles.ts';

/**
 * How rotations begin: a person calls RotateSecret, or Secrets Manager goes by its schedule. What
 * was left unfinished is taken up again instead.
 */
export type Beginning = 'by hand' | 'when due';

/** Until then GitLab may go on with a request whose sender is gone. */
const GITLAB_LIMIT_MS = 61_000;
const DUE_MS = (INTERVAL_DAYS + 1) * 24 * 3_600_000;

/** Rotates secrets, at the same time where there are two, with everything that disturbs them. */
export class Rotation implements AsyncCommand<Model, World> {
  readonly #names: readonly Name[];
  readonly #beginning: Beginning;
  readonly #troubles: readonly Trouble[];

  constructor(names: readonly Name[], beginning: Beginning, troubles: readonly Trouble[] = []) {
    this.#names = names;
    this.#beginning = beginning;
    this.#troubles = troubles.filter(
      ({ only }, place) =>
        only === undefined || troubles.findIndex((other) => other.only === only) === place,
    );
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, world: World): Promise<void> {
    const { clock } = world.stage;
    if (this.#beginning === 'when due') {
      await pass(world, DUE_MS);
    }
    const sound = NAMES.filter((name) => isSound(model, world, name));
    const mendable = NAMES.filter((name) => isMendable(world, name));
    const served = NAMES.filter((name) => mustLive(model, world, name));
    const before = marksOf(world.stage);
    const deadFor = watchConsumers(world);
    for (const { arrange } of this.#troubles) {
      arrange(world, this.#names);
    }
    const outcomes = await clock.during(this.#play(world));
    await clear(world);
    this.#requireServed(world, served, deadFor);
    await learnTokenIds(world);
    // Whoever rotates by hand the moment after a function was killed could meet, in GitLab, the
    // request that it left behind.
    await pass(world, GITLAB_LIMIT_MS);
    for (const [name, outcome] of outcomes) {
      this.#learn(model, world, name, outcome);
      if (this.#troubles.length === 0 && sound.includes(name)) {
        requireClean(world, name, outcome, before.calls);
      }
      const isBound = sound.includes(name) && mustSucceed(this.#names, this.#troubles);
      if (isBound && outcome.kind !== 'succeeded') {
        throw new Error(`${name}: trouble that passes cost a rotation: ${outcome.kind}`);
      }
      // What was current is the standby now.
      const mayLose =
        !isBound || !served.includes(name) || this.#troubles.some(({ mayKill }) => mayKill);
      if (!mayLose && world.stage.setup.alternating && !lives(world, targetOf(world, name))) {
        throw new Error(`${name}: the rotation left a dead standby`);
      }
      if (this.#troubles.length === 0 && mendable.includes(name)) {
        requireMended(world, name, outcome);
      }
    }
    if (this.#beginning === 'by hand') {
      this.#requireBegun(sound, outcomes);
    }
    await checkInvariants(model, world);
  }

  toString(): string {
    const troubles = this.#troubles.map(({ text }) => text).join('; ');
    const whose = this.#names.join(' and ');
    return `${whose} rotate ${this.#beginning}${troubles === '' ? '' : ` [${troubles}]`}`;
  }

  async #play(world: World): Promise<ReadonlyMap<Name, RotationOutcome>> {
    const { secretsManager } = world.stage.cloud;
    const begun = await this.#begin(world);
    const ended = (name: Name) => secretsManager.rotationEnded(world.scenes[name].secretId);
    await Promise.all(begun.map(ended));
    // What happened in the rotation of one may have begun another of the other.
    const outcomes = await Promise.all(begun.map(ended));
    return new Map(
      begun.flatMap((name, place) => {
        const outcome = outcomes[place];
        return outcome === undefined ? [] : [[name, outcome] as const];
      }),
    );
  }

  /** @returns whose rotation was begun, or was taken up where Secrets Manager refused another */
  async #begin(world: World): Promise<readonly Name[]> {
    const { secretsManager } = world.stage.cloud;
    const idOf = (name: Name) => world.scenes[name].secretId;
    if (this.#beginning === 'when due') {
      const arns = secretsManager.runDueRotations();
      return NAMES.filter((name) => arns.includes(idOf(name)));
    }
    const accepted = await Promise.all(this.#names.map((name) => rotate(world, name)));
    return this.#names.filter(
      (name, place) => accepted[place] || secretsManager.reattemptRotation(idOf(name)),
    );
  }

  #learn(model: Model, world: World, name: Name, outcome: RotationOutcome): void {
    const secret = model[name];
    if (outcome.kind === 'succeeded') {
      rotated(secret, currentTokenOf(world, name));
    } else {
      const { kind, errorMessage = '' } = outcome;
      secret.mayBeDead ||= !world.stage.setup.alternating;
      holds(secret, currentTokenOf(world, name));
      const isUntold =
        kind === 'abandoned' ||
        errorMessage.includes('was not created by') ||
        this.#troubles.some(({ hidesSuccess }) => hidesSuccess);
      secret.untoldUntil = isUntold ? world.stage.clock.now().getTime() : secret.untoldUntil;
      secret.mayBeStuck = unfinishedOf(world, name) !== undefined;
    }
    secret.mayBeDead ||= this.#troubles.some(({ mayKill }) => mayKill);
  }

  /** **With two tokens consumers have an active one at every moment**, whatever becomes of the rotation. */
  #requireServed(world: World, served: readonly Name[], deadFor: ReadonlySet<Name>): void {
    const hurt = served.filter((name) => deadFor.has(name));
    const mayKill = this.#troubles.some((trouble) => trouble.mayKill);
    if (world.stage.setup.alternating && !mayKill && hurt.length > 0) {
      throw new Error(`${hurt}: consumers held a dead token for a moment`);
    }
  }

  #requireBegun(sound: readonly Name[], outcomes: ReadonlyMap<Name, RotationOutcome>): void {
    const refused = this.#names.filter((name) => sound.includes(name) && !outcomes.has(name));
    if (this.#troubles.length === 0 && refused.length > 0) {
      throw new Error(`${refused}: Secrets Manager would not rotate`);
    }
  }
}

/** @returns whose consumers had a dead token when a call was through, until the faults are cleared */
function watchConsumers(world: World): ReadonlySet<Name> {
  const { gitlab, cloud } = world.stage;
  const deadFor = new Set<Name>();
  const look = () => {
    for (const name of NAMES.filter((each) => !lives(world, holderOf(world, each, 'AWSCURRENT')))) {
      deadFor.add(name);
    }
  };
  const effect: FaultEffect = { kind: 'run', run: look };
  for (const { faults } of [gitlab, cloud.secretsManager]) {
    faults.add({ operation: '*', at: 'after', times: Number.POSITIVE_INFINITY, effect });
  }
  return deadFor;
}
