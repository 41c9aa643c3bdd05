import { describe, expect, it } from 'vitest';
import { recommended, settingsFor } from './memory.ts';

const DEMAND = {
  coldCpuMs: 200,
  coldWaitMs: 300,
  warmCpuMs: 10,
  warmWaitMs: 500,
  peakBytes: 80 * 1024 ** 2,
};

describe('the memory settings', () => {
  const settings = settingsFor(DEMAND);
  const of = (megabytes: number) => settings.find((each) => each.megabytes === megabytes);

  it('give the processor in proportion, and all of it at 1,769 MB', () => {
    expect(of(1769)).toMatchObject({ coldMs: 500, warmMs: 510 });
    expect(of(128)?.coldMs).toBeCloseTo(300 + 200 * (1769 / 128), 6);
  });

  it('cost what their gigabytes cost for as long as they last, and four requests', () => {
    const seconds = 0.5 + 0.2 + 0.01;

    expect(of(1769)?.dollarsPerMillion).toBeCloseTo(seconds * (1769 / 1024) * 13.3334 + 4 * 0.2, 6);
  });

  it('are as small as may be, so long as half of the memory is left', () => {
    expect(recommended(settings)?.megabytes).toBe(256);
    expect(recommended(settingsFor({ ...DEMAND, peakBytes: 64 * 1024 ** 2 }))?.megabytes).toBe(128);
    expect(recommended(settingsFor({ ...DEMAND, peakBytes: 2 ** 31 }))).toBeUndefined();
  });
});
