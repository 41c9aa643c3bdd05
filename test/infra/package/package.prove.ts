import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitLabTokenRotation } from '../../../infra/index.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import {
  createInitApp,
  LARGE_APP,
  PLAIN_APPS,
  STACK_NAME,
  useConstructInInitApp,
  writePlainApps,
} from './consumers.ts';
import { install, installShared, NODES, nodeFolder, pack, run } from './scratch.ts';

// Not in dist/, below which TypeScript takes everything for CommonJS.
const scratch = await mkdtempDisposable(join(tmpdir(), 'package-'));
const folder = scratch.path;
const init = join(folder, 'init');
/** CDK's own check of templates takes most of a synthesis: nag.prove.ts has it. */
const UNCHECKED = { CDK_VALIDATION: 'false' };
let tarball: string;
/** Of the same stack with the construct and the bundle of this project. */
let ownTemplate: unknown;

beforeAll(async () => {
  tarball = await pack(folder);
  await installShared(folder, tarball, await createInitApp(folder));
  useConstructInInitApp(folder);
  writePlainApps(folder);
  // The declarations themselves are checked with the oldest CDK.
  await run(folder, tool('tsc'), ['--project', 'typescript-esm', '--skipLibCheck', 'true']);
  ownTemplate = synthesiseHere();
}, 400_000);
afterAll(() => scratch.remove());

/** The path of a tool that the apps share. */
function tool(name: string): string {
  return join(folder, 'node_modules', '.bin', name);
}

/** `context` of the cdk.json of `cdk init`. */
function context(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(init, 'cdk.json'), 'utf8')).context;
}

function templateIn(output: string): unknown {
  return JSON.parse(readFileSync(join(output, `${STACK_NAME}.template.json`), 'utf8'));
}

/** The template of an app, which is started as the CLI of CDK does. */
async function templateOf(app: string, node: string, command = ['node', 'app.js']) {
  const output = join(app, 'cdk.out');
  const [program = '', ...args] = command;
  await run(app, program, args, {
    PATH: node,
    CDK_OUTDIR: output,
    CDK_CONTEXT_JSON: JSON.stringify(context()),
    ...UNCHECKED,
  });
  return templateIn(output);
}

function synthesiseHere(): unknown {
  const app = new App({ context: context(), outdir: join(folder, 'own') });
  const stack = new Stack(app, STACK_NAME);
  const rotation = new GitLabTokenRotation(stack, 'GitLab', {
    gitlabUrl: 'https://gitlab.example.com',
    alertEmails: ['platform@example.com'],
  });
  rotation.addSecret({ secretName: 'app/gitlab-token', create: true });
  return templateIn(app.synth().directory);
}

describe.each(NODES)('on Node %s', (version) => {
  const node = nodeFolder(folder, version);

  it.each(PLAIN_APPS)('%s has the template of this project', async (app) => {
    await expect(templateOf(join(folder, app), node)).resolves.toEqual(ownTemplate);
  });

  it('the app of cdk init has the template of this project', async () => {
    const app = [tool('tsx'), join('bin', 'init.ts')];

    await expect(templateOf(init, node, app)).resolves.toEqual(ownTemplate);
  });

  it('the test of cdk init passes', async () => {
    const { stderr } = await run(init, tool('jest'), ['--ci'], { PATH: node, ...UNCHECKED });

    expect(stderr).toMatch(/^Tests: +1 passed, 1 total$/m);
  });

  it('is that Node', async () => {
    const { stdout } = await run(init, 'node', ['--version'], { PATH: node });

    expect(stdout).toMatch(new RegExp(`^v${version}\\.`));
  });
});

it('the app of cdk init passes its type check, and the CLI of CDK synthesises it', async () => {
  const output = join(folder, 'cli.out');
  const bare = ['--no-path-metadata', '--no-asset-metadata', '--no-version-reporting'];
  // The `app` of its cdk.json, which is for every Node the same.
  expect(JSON.parse(readFileSync(join(init, 'cdk.json'), 'utf8')).app).toBe(
    'npx tsc && npx tsx bin/init.ts',
  );
  await run(init, tool('cdk'), ['synth', '--quiet', '--output', output, ...bare], {
    PATH: nodeFolder(folder, '20'),
    ...UNCHECKED,
  });

  expect(templateIn(output)).toEqual(ownTemplate);
});

it('explains its props to an editor', () => {
  const installed = join(folder, 'node_modules', 'gitlab-token-rotation', 'dist', 'construct');
  const declarations = readFileSync(join(installed, 'infra', 'construct', 'props.d.ts'), 'utf8');

  expect(declarations).toMatch(
    /@default RetentionDays\.ONE_YEAR\s+\*\/\s+readonly logRetention\?:/,
  );
});

it('compiles and synthesises with the oldest CDK that it asks for', async () => {
  const oldest = join(folder, 'oldest');
  const peers = Object.entries(packageJson.peerDependencies);
  const versions = peers.map(([name, range]) => `${name}@${range.replace('^', '')}`);
  const types = `@types/node@${packageJson.devDependencies['@types/node']}`;
  await install(oldest, tarball, types, ...versions);
  writePlainApps(oldest);
  writeFileSync(join(oldest, 'app.js'), LARGE_APP);

  await run(oldest, tool('tsc'), ['--project', 'typescript-esm', '--checkers', '1']);

  const { Resources } = (await templateOf(oldest, nodeFolder(folder, '20'))) as {
    Resources: Readonly<Record<string, { readonly Type: string }>>;
  };

  const created = Object.values(Resources).map(({ Type }) => Type);
  expect(created.filter((type) => type.endsWith('::RotationSchedule'))).toHaveLength(11);
}, 200_000);
