import { settingsFor } from '../memory/memory.ts';
import type { Course } from '../rotation/course.ts';
import type { TimedCall } from '../rotation/timed-calls.ts';
import type { Figures } from './figures.ts';

const CALL: TimedCall = {
  step: 'createSecret',
  service: 'GitLab',
  operation: 'probe',
  begin: 0,
  end: 80,
};
const COURSE: Course = {
  calls: [CALL],
  chain: [CALL],
  deadChain: [CALL],
  leastMs: 80,
};
const ROTATION = {
  ms: 470,
  deadMs: 223.5,
  ownMs: 12,
  ownThreadMs: 8,
  ownCpuMs: 9.5,
  peakMemoryBytes: 97 * 1024 ** 2,
};

/** A cold start. @param times as long as ours */
function start(times: number) {
  return {
    importMs: 57 * times,
    firstAnswerMs: 240 * times,
    firstAnswerCpuMs: 250 * times,
    memoryBytes: 70 * 1024 ** 2 * times,
  };
}

function fleet(secrets: number) {
  return {
    secrets,
    rotated: secrets,
    lost: 0,
    retried: 0,
    healed: 0,
    refused: 0,
    mostInstances: Math.min(secrets, 30),
    callsPerSecret: 15.25,
    seconds: { median: 4.98, lower: 4.98, upper: 5.1, longest: 17.77 },
  };
}

/** What a run could bring, without a run. */
export const FIGURES: Required<Figures> = {
  bundle: {
    bundles: {
      ours: { bytes: 846_000, modules: 677 },
      users: { bytes: 1_765_000, modules: 599 },
    },
    starts: { ours: [start(1), start(1.1)], users: [start(2), start(2.2)] },
  },
  rotation: {
    courses: { 'one token': COURSE, 'two tokens': { ...COURSE, deadChain: [] }, users: COURSE },
    rotations: {
      'one token': [ROTATION],
      'two tokens': [{ ...ROTATION, ms: 1020.4 }],
      users: [ROTATION, { ...ROTATION, ms: 480 }],
    },
    ownTimes: { 'one token': [4], 'two tokens': [11] },
  },
  fleet: {
    seed: 1,
    fleets: [1, 10, 100, 1000].map(fleet),
    heap: [1000, 2000, 3000].map((invocations) => ({ invocations, bytes: 15 * 1024 ** 2 })),
  },
  memory: settingsFor({
    coldCpuMs: 250,
    coldWaitMs: 360,
    warmCpuMs: 10,
    warmWaitMs: 500,
    peakBytes: 74 * 1024 ** 2,
  }),
};
