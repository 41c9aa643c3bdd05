import type { BundleFigures, Figures, FleetFigures, RotationFigures } from '../figures/figures.ts';
import type { MemorySetting } from '../memory/memory.ts';
import { type Course, LATENCIES } from '../rotation/course.ts';
import { OUR_WAYS, WAYS, type WarmRotation } from '../rotation/warm.ts';
import { ratioOf, type Spread, spreadOf } from '../samples/spread.ts';
import { megabytes, numberText, spreadText, type Table } from './texts.ts';

/** A table for each part that was measured. */
export function tablesOf({ bundle, rotation, fleet, memory }: Figures): readonly Table[] {
  return [
    ...(bundle ? [bundleTable(bundle)] : []),
    ...(rotation ? [rotationTable(rotation)] : []),
    ...(fleet ? [fleetTable(fleet)] : []),
    ...(memory ? [memoryTable(memory)] : []),
  ];
}

export function bundleTable({ bundles, starts }: BundleFigures): Table {
  type Start = (typeof starts.ours)[number];
  const row = (name: string, ratio: Spread, one: Spread, other: Spread) =>
    [name, ...[ratio, one, other].map(spreadText)] as const;
  const exact = (name: string, one: number, other: number) =>
    row(name, ratioOf([one], [other]), spreadOf([one]), spreadOf([other]));
  const sampled = (name: string, figure: (start: Start) => number) => {
    const [ones, others] = [starts.ours.map(figure), starts.users.map(figure)];
    return row(name, ratioOf(ones, others), spreadOf(ones), spreadOf(others));
  };
  const { ours, users } = bundles;
  return {
    title: 'A new process, and its first createSecret',
    columns: ['ratio', 'this project', "a user's rotator"],
    rows: [
      exact('size of the bundle, KB', ours.bytes / 1000, users.bytes / 1000),
      exact('modules in it', ours.modules, users.modules),
      sampled('import, ms', ({ importMs }) => importMs),
      sampled(
        'from the start of the process to the answer, ms',
        ({ firstAnswerMs }) => firstAnswerMs,
      ),
      sampled('processor for it, ms', ({ firstAnswerCpuMs }) => firstAnswerCpuMs),
      sampled('memory after it, MB', ({ memoryBytes }) => megabytes(memoryBytes)),
    ],
  };
}

export function rotationTable({ courses, rotations, ownTimes }: RotationFigures): Table {
  const counted = (name: string, figure: (course: Course) => number) =>
    [name, ...WAYS.map((way) => numberText(figure(courses[way])))] as const;
  const sampled = (name: string, figure: (rotation: WarmRotation) => number) =>
    [name, ...WAYS.map((way) => spreadText(spreadOf(rotations[way].map(figure))))] as const;
  const of = (service: string) => (course: Course) =>
    course.calls.filter((call) => call.service === service).length;
  const { GitLab: gitlab, 'Secrets Manager': store } = LATENCIES;
  return {
    title: `A rotation, by a process that has rotated before (GitLab answers after ${gitlab} ms, Secrets Manager after ${store})`,
    columns: ['one token', 'two tokens', "a user's rotator"],
    rows: [
      counted('calls of GitLab', of('GitLab')),
      counted('calls of Secrets Manager', of('Secrets Manager')),
      counted('of all these, one after another', ({ chain }) => chain.length),
      counted(
        'the same, while consumers have a revoked token',
        ({ deadChain }) => deadChain.length,
      ),
      [
        "milliseconds, to the user's",
        ...WAYS.map((way) =>
          spreadText(
            ratioOf(
              rotations[way].map(({ ms }) => ms),
              rotations.users.map(({ ms }) => ms),
            ),
          ),
        ),
      ],
      sampled('milliseconds', ({ ms }) => ms),
      sampled('of these, while consumers have a revoked token', ({ deadMs }) => deadMs),
      sampled('milliseconds if both answer at once', ({ ownMs }) => ownMs),
      sampled('milliseconds in which its thread computes', ({ ownThreadMs }) => ownThreadMs),
      [
        'of these, in code of this project, not of packages',
        ...OUR_WAYS.map((way) => spreadText(spreadOf(ownTimes[way]))),
        '-',
      ],
    ],
  };
}

function fleetTable({ seed, fleets }: FleetFigures): Table {
  type Fleet = (typeof fleets)[number];
  const row = (name: string, figure: (fleet: Fleet) => number) =>
    [name, ...fleets.map((fleet) => numberText(figure(fleet)))] as const;
  return {
    title: `Secrets with a recovery credential that are due in the same hour, where one call in a hundred fails (seed ${seed})`,
    columns: fleets.map(({ secrets }) => numberText(secrets)),
    rows: [
      row('rotated', ({ rotated }) => rotated),
      row('lost', ({ lost }) => lost),
      row('most instances at once', ({ mostInstances }) => mostInstances),
      row('rotated again after a failure', ({ retried }) => retried),
      row('tokens recovered after a lost answer', ({ healed }) => healed),
      row('requests that GitLab refused (429)', ({ refused }) => refused),
      row('calls for each secret', ({ callsPerSecret }) => callsPerSecret),
      row('seconds for each, median', ({ seconds }) => seconds.median),
      row('seconds for each, the longest', ({ seconds }) => seconds.longest),
    ],
  };
}

/** What an instance holds after many invocations, in a sentence. */
export function heapText({ heap }: FleetFigures): string {
  const [first, last] = [heap[1] ?? heap[0], heap.at(-1)];
  const [from, to] = [first, last].map((sample) => numberText(megabytes(sample?.bytes ?? 0)));
  const [early, late] = [first, last].map((sample) => numberText(sample?.invocations ?? 0));
  return `One instance holds ${from} MB after ${early} invocations, and ${to} MB after ${late}.`;
}

function memoryTable(settings: readonly MemorySetting[]): Table {
  const row = (name: string, figure: (setting: MemorySetting) => number) =>
    [name, ...settings.map((setting) => numberText(figure(setting)))] as const;
  return {
    title: 'The memory setting: computed from the figures above, since Lambda is not here',
    columns: settings.map(({ megabytes: size }) => `${numberText(size)} MB`),
    rows: [
      row('of it used at most, %', ({ used }) => Math.round(used * 100)),
      row('first createSecret of an instance, ms', ({ coldMs }) => Math.round(coldMs)),
      row('a rotation by one that has rotated before, ms', ({ warmMs }) => Math.round(warmMs)),
      row('dollars for a million rotations', ({ dollarsPerMillion }) => dollarsPerMillion),
    ],
  };
}
