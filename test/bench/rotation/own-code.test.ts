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

it('counts the time in which code of the function runs, and what it calls of the language', () => {
  using folder = createTemporaryFolder('own-code-');
  const bundle = join(folder.path, 'index.cjs');
  writeFileSync(bundle, BUNDLE);
  const node = (id: number, url: string, lineNumber: number, children: number[] = []) => ({
    id,
    children,
    callFrame: { functionName: '', scriptId: '1', url, lineNumber, columnNumber: 0 },
  });
  const nodes = [
    node(1, `file://${bundle}`, 1, [5]),
    node(2, `file://${bundle}`, 3, [4, 6]),
    node(3, `file://${bundle}`, 5),
    node(4, 'node:net', 3, [8]),
    node(5, '', -1),
    node(6, '', -1, [7]),
    node(7, '', -1),
    node(8, '', -1),
  ];
  const times = { startTime: 0, endTime: 1 };
  const rotated = { ...times, nodes, samples: [1, 2, 3, 4], timeDeltas: [1000, 200, 4000, 8000] };
  const tested = { ...times, nodes, samples: [2], timeDeltas: [300] };
  const builtIn = { ...times, nodes, samples: [5, 6, 7, 8], timeDeltas: [2000, 30, 20, 4000] };
  const other = { ...times, nodes, samples: [1, 3, 5], timeDeltas: [10, 10, 10] };

  expect(ownMsOf(bundle, [rotated, tested, builtIn])).toBe(0.55);
  expect(() => ownMsOf(bundle, [other])).toThrow('no code of lambda/');
});
