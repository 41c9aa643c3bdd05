import { type Bundles, buildBundles } from './bundle/bundles.ts';
import { measureColdStarts } from './bundle/cold-start.ts';
import type { BundleFigures, Figures, FleetFigures, RotationFigures } from './figures/figures.ts';
import { type Fleet, rotateFleet } from './fleet/fleet.ts';
import { measureHeap } from './fleet/heap.ts';
import { demandOf, settingsFor } from './memory/memory.ts';
import type { Options } from './options.ts';
import { startWorkbench } from './process/workbench.ts';
import { findCourse } from './rotation/course.ts';
import { measureWarmRotations } from './rotation/warm.ts';

/** @param tell what is measured now */
export async function measure(
  options: Options,
  folder: string,
  tell: (what: string) => void,
): Promise<Figures> {
  const bundles = buildBundles(folder);
  const measureIf = async <T>(
    [part, ...users]: Options['parts'],
    take: (bundles: Bundles, options: Options) => Promise<T>,
  ) => {
    if (part === undefined || ![part, ...users].some((each) => options.parts.includes(each))) {
      return undefined;
    }
    tell(part);
    return take(bundles, options);
  };
  const bundle = await measureIf(['bundle', 'memory'], measureBundle);
  const rotation = await measureIf(['rotation', 'memory'], measureRotation);
  const fleet = await measureIf(['fleet'], measureFleet);
  const memory =
    options.parts.includes('memory') && bundle && rotation
      ? settingsFor(
          demandOf(
            bundle.starts.ours,
            rotation.rotations['one token'],
            rotation.courses['one token'],
          ),
        )
      : undefined;
  return {
    ...(bundle && { bundle }),
    ...(rotation && { rotation }),
    ...(fleet && { fleet }),
    ...(memory && { memory }),
  };
}

async function measureBundle(bundles: Bundles, { samples }: Options): Promise<BundleFigures> {
  await using workbench = await startWorkbench();
  const starts = await measureColdStarts(workbench, bundles, samples);
  const { path: _ours, ...ours } = bundles.ours;
  const { path: _users, ...users } = bundles.users;
  return { bundles: { ours, users }, starts };
}

async function measureRotation(bundles: Bundles, { samples }: Options): Promise<RotationFigures> {
  const courses = {
    'one token': await findCourse('one token', staged(bundles)),
    'two tokens': await findCourse('two tokens', staged(bundles)),
    users: await findCourse('textbook', staged(bundles)),
  };
  await using workbench = await startWorkbench();
  return { courses, ...(await measureWarmRotations(workbench, bundles, samples)) };
}

/** On the stage, the user's rotator takes the place of the textbook's. */
function staged({ ours, users }: Bundles) {
  return { of: { ours: ours.path, textbook: users.path } };
}

async function measureFleet(
  bundles: Bundles,
  { secrets, seed, invocations }: Options,
): Promise<FleetFigures> {
  const sizes = [1, 10, 100, 1000].filter((size) => size < secrets);
  const rotateFleets = async () => {
    const fleets: Fleet[] = [];
    for (const size of [...sizes, secrets]) {
      fleets.push(await rotateFleet({ secrets: size, seed, bundles: staged(bundles) }));
    }
    return fleets;
  };
  // At once, since both clocks are simulated: neither changes the figures of the other.
  const [fleets, heap] = await Promise.all([
    rotateFleets(),
    measureHeap({ invocations, bundles: staged(bundles) }),
  ]);
  return { seed, fleets, heap };
}
