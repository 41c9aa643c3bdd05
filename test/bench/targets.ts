import { ratioOf, spreadOf } from './figures/spread.ts';
import type { BundleFigures, Figures, FleetFigures, RotationFigures } from './measure.ts';

/** What was set out to be reached, and what was measured. */
export interface Target {
  readonly name: string;
  readonly measured: number;
  readonly most: number;
  readonly unit: '' | 'ms' | 'calls' | 'secrets';
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

function ofRotation({ courses, rotations }: RotationFigures): readonly Target[] {
  const median = (way: 'one token' | 'two tokens', figure: 'ms' | 'ownMs' | 'ownCpuMs') =>
    spreadOf(rotations[way].map((each) => each[figure])).median;
  const most = { 'one token': { ms: 480, dead: 5 }, 'two tokens': { ms: 620, dead: 0 } } as const;
  return (['one token', 'two tokens'] as const).flatMap((way): readonly Target[] => [
    {
      name: `a rotation, ${way}`,
      measured: median(way, 'ms'),
      most: most[way].ms,
      unit: 'ms',
    },
    {
      name: `one after another while the token is revoked, ${way}`,
      measured: courses[way].deadChain.length,
      most: most[way].dead,
      unit: 'calls',
    },
    { name: `own time, ${way}`, measured: median(way, 'ownCpuMs'), most: 10, unit: 'ms' },
  ]);
}

function ofFleet({ fleets }: FleetFigures): readonly Target[] {
  const sum = (figure: (fleet: FleetFigures['fleets'][number]) => number) =>
    fleets.reduce((total, fleet) => total + figure(fleet), 0);
  return [
    {
      name: 'not rotated',
      measured: sum((each) => each.secrets - each.rotated),
      most: 0,
      unit: 'secrets',
    },
    { name: 'lost', measured: sum(({ lost }) => lost), most: 0, unit: 'secrets' },
  ];
}
