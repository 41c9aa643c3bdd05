import type { AsyncCommand } from 'fast-check';
import { dropPending, replaceToken } from '../../../rig/stage/meanwhile.ts';
import { checkInvariants } from '../invariants/invariants.ts';
import { currentTokenOf, holderOf, lives, targetOf, unfinishedOf } from '../world/looks.ts';
import { type Model, replaced, rotated } from '../world/model.ts';
import type { Name } from '../world/names.ts';
import { learnTokenIds, marksOf, type World } from '../world/world.ts';
import { promotePending, putStandby, rotate } from './people.ts';
import { requireClean } from './require-clean.ts';

/**
 * A person does what alerts and runbook say. Whatever happened before, the next rotation goes
 * through: nothing is ever stuck for good.
 */
export class Recovery implements AsyncCommand<Model, World> {
  readonly #name: Name;

  constructor(name: Name) {
    this.#name = name;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, world: World): Promise<void> {
    const name = this.#name;
    const { clock, cloud } = world.stage;
    await revive(model, world, name);
    if (unfinishedOf(world, name)) {
      await dropPending(world.scenes[name]);
    }
    const before = marksOf(world.stage);
    await rotate(world, name);
    const { secretId } = world.scenes[name];
    const outcome = await clock.during(cloud.secretsManager.rotationEnded(secretId));
    if (outcome === undefined) {
      throw new Error(`${name}: Secrets Manager began no rotation`);
    }
    requireClean(world, name, outcome, before.calls);
    await learnTokenIds(world);
    rotated(model[name], currentTokenOf(world, name));
    await checkInvariants(model, world);
  }

  toString(): string {
    return `${this.#name}: recovery by the runbook`;
  }
}

/** An active token for consumers, and an active standby: the pending ones where there are, else new ones. */
async function revive(model: Model, world: World, name: Name): Promise<void> {
  const current = () => holderOf(world, name, 'AWSCURRENT');
  const isWell = () => lives(world, current()) && lives(world, targetOf(world, name));
  if (!isWell() && lives(world, holderOf(world, name, 'AWSPENDING'))) {
    await promotePending(world, name);
  }
  if (!lives(world, current())) {
    await replaceToken(world.scenes[name]);
    replaced(model[name], world);
  }
  if (!lives(world, targetOf(world, name))) {
    await putStandby(world, name);
  }
}
