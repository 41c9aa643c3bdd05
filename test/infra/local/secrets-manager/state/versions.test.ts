import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AWSCURRENT,
  AWSPENDING,
  AWSPREVIOUS,
  moveLabel,
  putValue,
  type Versioned,
  versionOf,
  withLabel,
} from '../../../../../infra/local/secrets-manager/state/versions.ts';

const id = fc.constantFrom('v1', 'v2', 'v3', 'v4');
const label = fc.constantFrom(AWSPENDING, AWSPREVIOUS, 'X', 'Y');
const asked = fc.uniqueArray(fc.oneof(label, fc.constant(AWSCURRENT)), { minLength: 1 });

/** One call that AWS accepts, as a change of the secret. */
const change = fc.oneof(
  fc.record({ versionId: id, labels: asked }).map(
    ({ versionId, labels }) =>
      (secret: Versioned) =>
        putValue(secret, {
          versionId,
          labels,
          value: { kind: 'string', text: versionId },
          origin: 'other',
          now: 0,
        }),
  ),
  fc.record({ versionId: id, label: fc.oneof(label, fc.constant(AWSCURRENT)) }).map(
    ({ versionId, label: moved }) =>
      (secret: Versioned) =>
        versionOf(secret, versionId) ? moveLabel(secret, moved, versionId) : secret,
  ),
  label.map((dropped) => (secret: Versioned) => withLabel(secret, dropped)),
);

describe('any sequence of puts and label moves', () => {
  it('keeps each label on one version, and exactly one version with a value current', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
        const empty: Versioned = { arn: 'arn', versions: [] };

        const { versions } = changes.reduce((secret, apply) => apply(secret), empty);

        const labels = versions.flatMap((version) => version.labels);
        const current = versions.filter((version) => version.labels.includes(AWSCURRENT));
        expect(new Set(labels).size).toBe(labels.length);
        expect(versions.every((version) => isSorted(version.labels))).toBe(true);
        expect(current).toHaveLength(versions.length > 0 ? 1 : 0);
        expect(current.every(({ value }) => value !== undefined)).toBe(true);
      }),
    );
  });
});

function isSorted(labels: readonly string[]): boolean {
  return labels.join() === [...labels].sort().join();
}
