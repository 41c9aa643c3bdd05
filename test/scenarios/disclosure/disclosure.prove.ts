import { afterEach, describe, it, vi } from 'vitest';
import { expectEveryShapeRotated, expectNothingTold } from './properties.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('what leaves the function, in many rotations', () => {
  it('holds no token, no content of the secret and no RotationToken, whatever goes wrong', () =>
    expectNothingTold(50));

  it('goes through with every shape of the secret where nothing is wrong', () =>
    expectEveryShapeRotated(20));
});
