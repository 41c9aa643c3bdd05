import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { ROOT } from '../cdk-app.ts';
import { listPacked } from './scratch.ts';

// What `npm run build` made, which is before. The declarations come with package.prove.ts.
const CONSTRUCT = 'dist/construct/index.js';
const BUNDLE = 'dist/lambda/index.cjs';
const NOTICES = 'dist/THIRD-PARTY-NOTICES.txt';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

describe('the package', () => {
  let files: readonly string[];
  beforeAll(async () => {
    files = await listPacked(ROOT);
  });

  it('holds the construct, its document, the bundle and their licences, and nothing else', () => {
    const declarations = /^dist\/construct\/infra\/.+\.d\.ts$/;

    expect(files.filter((file) => !declarations.test(file)).sort()).toEqual([
      'LICENSE',
      'README.md',
      NOTICES,
      CONSTRUCT,
      'dist/construct/package.json',
      BUNDLE,
      'infra/construct/README.md',
      'package.json',
    ]);
  });

  it('says nothing of the machine that built it', () => {
    const revealing = files.filter((file) => read(file).includes(`${ROOT}/`));

    expect(revealing).toEqual([]);
  });

  it('needs nothing but Node and its peers', () => {
    const known = [...builtinModules, ...Object.keys(packageJson.peerDependencies)];
    const required = [...read(CONSTRUCT).matchAll(/\brequire\("([^"]+)"\)/g)];
    const names = required.map(([, module = '']) => /^(?:node:)?([^/]+)/.exec(module)?.[1]);

    expect(names).toContain('aws-cdk-lib');
    expect(names.filter((name = '') => !known.includes(name))).toEqual([]);
  });

  it('has the licence of each package whose code is in it', () => {
    const [preface, ...chapters] = read(NOTICES).split(/^-{80}$/m);
    const sources = `${read(BUNDLE)}${read(CONSTRUCT)}`.matchAll(
      /^\/\/ node_modules\/(?:.*node_modules\/)?((?:@[^/]+\/)?[^/\n]+)\//gm,
    );
    const names = new Set([...sources].map(([, name = '']) => name));

    expect(preface).toContain('contains code of the following packages');
    expect([...names]).toEqual(expect.arrayContaining(['undici', '@smithy/core', 'croner']));
    for (const name of names) {
      const chapter = chapters.find((text) => text.includes(`\n${name} `)) ?? '';
      expect(chapter, name).toMatch(/Apache License|Permission is hereby granted/);
    }
  });
});
