import type { Fleet } from '../fleet/fleet.ts';
import { bytesPerInvocation } from '../fleet/heap.ts';
import { OUR_WAYS } from '../rotation/warm.ts';
import { ratioOf, spreadOf } from '../samples/spread.ts';
import type { BundleFigures, Figures, FleetFigures, RotationFigures } from './figures.ts';

/** What was set out to be reached, and what was measured. */
export interface Target {
  readonly name: string;
  readonly measured: number;
  readonly most: number;
  readonly unit: '' | 'ms' | 'calls' | 'secrets' | 'bytes';
}

export function isMet({ measured, most }: Target): boolean {
  return measured <= most;
}

/** Whether a token was lost, which no figure makes up for. */
export function hasLost({ fleet }: Figures): boolean {
  return fleet?.fleets.some(({ lost }) => lost > 0) ?? false;
}

/** Of the parts that were measured. */
export function targetsOf({ bundle, rotation, fleet }: Figures): readonly Target[] {
  return [
    ...(bundle ? ofBundle(bundle) : []),
    ...(rotation ? ofRotation(rotation) : []),
    ...(fleet ? ofFleet(fleet) : []),
  ];
}

function ofBundle({ bundles, starts }: BundleFigures): readonly Target[] {
  const { ours, users } = bundles;
  const imports = ratioOf(
    starts.ours.map(({ importMs }) => importMs),
    starts.users.map(({ importMs }) => importMs),
  );
  const unit = '';
  return [
    { name: "size, to the user's", measured: ours.bytes / users.bytes, most: 0.75, unit },
    { name: "import time, to the user's", measured: imports.median, most: 0.65, unit },
  ];
}

function ofRotation({ courses, rotations, ownTimes }: RotationFigures): readonly Target[] {
  const most = { 'one token': { ms: 480, dead: 5 }, 'two tokens': { ms: 620, dead: 0 } } as const;
  return OUR_WAYS.flatMap((way): readonly Target[] => [
    {
      name: `a rotation, ${way}`,
      measured: spreadOf(rotations[way].map(({ ms }) => ms)).median,
      most: most[way].ms,
      unit: 'ms',
    },
    {
      name: `one after another while the token is revoked, ${way}`,
      measured: courses[way].deadChain.length,
      most: most[way].dead,
      unit: 'calls',
    },
    {
      name: `own code, ${way}`,
      measured: spreadOf(ownTimes[way]).median,
      most: 10,
      unit: 'ms',
    },
  ]);
}

function ofFleet({ fleets, heap }: FleetFigures): readonly Target[] {
  const unit = 'secrets';
  const sum = (figure: (fleet: Fleet) => number) =>
    fleets.reduce((total, fleet) => total + figure(fleet), 0);
  const notRotated = sum(({ secrets, rotated }) => secrets - rotated);
  const kept = bytesPerInvocation(heap);
  return [
    { name: 'not rotated', measured: notRotated, most: 0, unit },
    { name: 'lost', measured: sum(({ lost }) => lost), most: 0, unit },
    ...flatness(fleets),
    { name: 'kept of each invocation', measured: kept, most: 100, unit: 'bytes' },
  ];
}

/** The largest fleet, to the one after the smallest: of a single secret, chance decides too much. */
function flatness(fleets: readonly Fleet[]): readonly Target[] {
  const [few, many] = [fleets[1] ?? fleets[0], fleets.at(-1)];
  if (few === undefined || many === undefined) {
    return [];
  }
  const target = (name: string, figure: (fleet: Fleet) => number): Target => ({
    name: `${name} of ${many.secrets} secrets, to those of ${few.secrets}`,
    measured: figure(many) / figure(few),
    most: 1.1,
    unit: '',
  });
  return [
    target('calls for each', ({ callsPerSecret }) => callsPerSecret),
    target('seconds for each', ({ seconds }) => seconds.median),
  ];
}
