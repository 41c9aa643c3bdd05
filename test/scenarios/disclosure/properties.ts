import fc from 'fast-check';
import { expect } from 'vitest';
import { secrets, shape, topic, trouble } from './cases.ts';
import { expectNothingOf, recordRotation } from './told-rotation.ts';

/** Whatever goes wrong with whatever secret, nothing of it leaves the function. */
export async function expectNothingTold(numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(secrets, shape, trouble, topic, async (held, of, what, how) => {
      const { output } = await recordRotation(held, of, what, how);

      expect(output).toContain('rotation step');
      expectNothingOf(held, output);
    }),
    { numRuns },
  );
}

/** Where nothing is wrong, a secret of every shape is rotated, so that the other property holds of those, too. */
export async function expectEveryShapeRotated(numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(secrets, shape, async (held, of) => {
      const { current = '', alerts } = await recordRotation(held, of, { kind: 'none' }, 'takes');

      const value = of.form === 'json' ? JSON.parse(current) : { [of.tokenField]: current };
      expect(value[of.tokenField].slice(0, held.successor.length)).toBe(held.successor);
      const hasStandby = of.form === 'json' && of.hasStandby;
      expect(value.standby?.token).toBe(hasStandby ? held.token : undefined);
      expect(alerts).toBe(0);
    }),
    { numRuns },
  );
}
