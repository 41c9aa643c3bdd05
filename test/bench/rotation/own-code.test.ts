import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTemporaryFolder } from '../../../infra/local/cloud/temporary-folder.ts';
import { ownMsOf } from './own-code.ts';

const BUNDLE = `// node_modules/undici/lib/core/util.js
function theirs() {}
// lambda/steps/set-secret.ts
function ours() {}
// infra/build/lean/credentials.ts
function alias() {}
`;

it('counts the time in which code of the function runs', () => {
  using folder = createTemporaryFolder('own-code-');
  const bundle = join(folder.path, 'index.cjs');
  writeFileSync(bundle, BUNDLE);
  const node = (id: number, url: string, lineNumber: number) => ({
    id,
    callFrame: { functionName: '', scriptId: '1', url, lineNumber, columnNumber: 0 },
  });
  const nodes = [
    node(1, `file://${bundle}`, 1),
    node(2, `file://${bundle}`, 3),
    node(3, `file://${bundle}`, 5),
    node(4, 'node:net', 3),
  ];
  const times = { startTime: 0, endTime: 1 };
  const rotated = { ...times, nodes, samples: [1, 2, 3, 4], timeDeltas: [1000, 200, 4000, 8000] };
  const tested = { ...times, nodes, samples: [2], timeDeltas: [300] };
  const other = { ...times, nodes, samples: [1, 3], timeDeltas: [10, 10] };

  expect(ownMsOf(bundle, [rotated, tested])).toBe(0.5);
  expect(() => ownMsOf(bundle, [other])).toThrow('no code of lambda/');
});
