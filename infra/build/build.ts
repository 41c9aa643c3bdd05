// `npm run build`: everything in dist/ but the declarations, which `npm pack` adds. The CDK CLI
// runs it before each synthesis, so that what is deployed is never older than its source.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleLambda } from './bundle.ts';
import { compileConstruct } from './construct.ts';
import { noticesFor } from './notices.ts';
import { replaceFile } from './replace-file.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DIST = join(ROOT, 'dist');

// Nothing is removed before: tests read dist/ while the CLI builds once more.
const built = [bundleLambda(join(DIST, 'lambda')), compileConstruct(join(DIST, 'construct'))];
// It is deployed as a whole, and Lambda would rather load the `index.mjs` that an older version built.
rmSync(join(DIST, 'lambda', 'index.mjs'), { force: true });
replaceFile(join(DIST, 'THIRD-PARTY-NOTICES.txt'), noticesFor(ROOT, built));
