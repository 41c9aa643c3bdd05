import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest begins first, so that no worker is busy with it when all others are done. */
const LONGEST = [
  'matrix/matrix.prove',
  'model/model.prove',
  'readme/npm-commands.prove',
  'model/cases.prove',
  'simulation/simulation.prove',
  'package/package.prove',
  'bundle/alternating.prove',
  // The rest of `npm run prove`, before the tests that it has in common with `npm test`.
  '.prove.',
  'matrix/slice',
  'local/start.test',
  'disclosure/disclosure',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.findIndex((name) => moduleId.includes(name));
      return place === -1 ? LONGEST.length : place;
    };
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}
