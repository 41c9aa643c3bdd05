import type { AsyncCommand } from 'fast-check';
import { dropPending, editSecret, replaceToken } from '../../../rig/stage/meanwhile.ts';
import { checkInvariants } from '../invariants/invariants.ts';
import { holderOf, unfinishedOf } from '../world/looks.ts';
import { isSound, type Model, replaced } from '../world/model.ts';
import type { Name } from '../world/names.ts';
import { marksOf, pass, type World } from '../world/world.ts';
import { putAgain, revokeCurrent, revokeStandby, rotate } from './people.ts';

/** What can be done between two rotations, and what the model then allows. */
interface Deed {
  readonly check?: (model: Model, name: Name) => boolean;
  readonly run: (world: World, name: Name, model: Model) => unknown;
}

/** By how it is told. */
const DEEDS = {
  'another field edited': { run: ({ scenes }, name) => editSecret(scenes[name]) },
  'new token put': {
    async run(world, name, model) {
      await replaceToken(world.scenes[name]);
      replaced(model[name], world);
    },
  },
  'the same value put again': { run: putAgain },
  'AWSPENDING taken off': {
    check: (model, name) => model[name].mayBeStuck,
    async run(world, name, model) {
      if (unfinishedOf(world, name)) {
        await dropPending(world.scenes[name]);
      }
      model[name].mayBeStuck = false;
    },
  },
  'current token revoked': {
    run(world, name, model) {
      revokeCurrent(world, name);
      model[name].mayBeDead = true;
    },
  },
  'standby revoked': { run: revokeStandby },
  'dry run': { run: dryRun },
  'idle function killed': { run: ({ stage }) => stage.cloud.lambda.kill() },
} as const satisfies Readonly<Record<string, Deed>>;

export type DeedName = keyof typeof DEEDS;
export const DEED_NAMES = Object.keys(DEEDS) as readonly DeedName[];

/** Something that a person does, while no rotation is under way. */
export class ByHand implements AsyncCommand<Model, World> {
  readonly #deed: Deed;
  readonly #text: string;
  readonly #name: Name;

  constructor(deed: DeedName, name: Name) {
    this.#deed = DEEDS[deed];
    this.#text = `${name}: ${deed}`;
    this.#name = name;
  }

  check(model: Model): boolean {
    return this.#deed.check?.(model, this.#name) ?? true;
  }

  async run(model: Model, world: World): Promise<void> {
    const wasFinished = unfinishedOf(world, this.#name) === undefined;
    await this.#deed.run(world, this.#name, model);
    // Where AWSPENDING lingers on what was current, it now looks like another rotation's.
    model[this.#name].mayBeStuck ||= wasFinished && unfinishedOf(world, this.#name) !== undefined;
    await checkInvariants(model, world);
  }

  toString(): string {
    return this.#text;
  }
}

/** Time passes in which nobody rotates anything: tokens may expire. */
export class TimePasses implements AsyncCommand<Model, World> {
  readonly #hours: number;

  constructor(hours: number) {
    this.#hours = hours;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, world: World): Promise<void> {
    await pass(world, this.#hours * 3_600_000);
    await checkInvariants(model, world);
  }

  toString(): string {
    return `${this.#hours} hours pass`;
  }
}

/** Looks, and changes nothing. */
async function dryRun(world: World, name: Name, model: Model): Promise<void> {
  const { clock, gitlab, cloud } = world.stage;
  const before = marksOf(world.stage);
  const current = holderOf(world, name, 'AWSCURRENT')?.versionId;
  const isBegun = await rotate(world, name, 'dry run');
  const { secretId } = world.scenes[name];
  await clock.during(cloud.secretsManager.rotationEnded(secretId));
  const rotated = gitlab.calls.slice(before.calls).some(({ operation }) => operation === 'rotate');
  const isSame = holderOf(world, name, 'AWSCURRENT')?.versionId === current;
  if (rotated || !isSame || (!isBegun && isSound(model, world, name))) {
    throw new Error(`${name}: the dry run was refused, or changed something`);
  }
}
