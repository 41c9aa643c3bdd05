import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../cdk-app.ts';
import { run } from './scratch.ts';

/** The stack of each app: the name that `cdk init` gives it in a folder `init`. */
export const STACK_NAME = 'InitStack';

/** The same rotation in each app. @param scope an expression */
const rotationIn = (scope: string) => `
    const rotation = new GitLabTokenRotation(${scope}, 'GitLab', {
      gitlabUrl: 'https://gitlab.example.com',
      alertEmails: ['platform@example.com'],
    });
    rotation.addSecret({ secretName: 'app/gitlab-token', create: true });
`;

const IMPORTS = `
import { App, Stack } from 'aws-cdk-lib';
import { GitLabTokenRotation } from 'gitlab-token-rotation';
`;

const REQUIRES = `
const { App, Stack } = require('aws-cdk-lib');
const { GitLabTokenRotation } = require('gitlab-token-rotation');
`;

const APP = `
const app = new App();
const stack = new Stack(app, '${STACK_NAME}');
${rotationIn('stack')}
app.synth();
`;

/** What asks most of CDK: more secrets than have their test runs at once, a VPC, and a CA file. */
export const LARGE_APP = `
${REQUIRES}
const { writeFileSync } = require('node:fs');
const { rootCertificates } = require('node:tls');
const { Vpc } = require('aws-cdk-lib/aws-ec2');

writeFileSync('ca.pem', rootCertificates[0]);
const app = new App();
const stack = new Stack(app, '${STACK_NAME}');
const rotation = new GitLabTokenRotation(stack, 'GitLab', {
  gitlabUrl: 'https://gitlab.example.com',
  vpc: new Vpc(stack, 'Vpc'),
  certificateAuthority: 'ca.pem',
});
rotation.addSecret({ secretName: 'created/gitlab-token', create: true });
for (let index = 0; index < 10; index += 1) {
  rotation.addSecret({ secretName: 'existing/gitlab-token-' + index });
}
app.synth();
`;

/** The apps that are one file, by the name of their folders. Each is started as `node app.js`. */
export const PLAIN_APPS = ['javascript-commonjs', 'typescript-esm'] as const;

export function writePlainApps(folder: string): void {
  writeApp(folder, 'javascript-commonjs', 'commonjs', { 'app.js': REQUIRES + APP });
  writeApp(folder, 'typescript-esm', 'module', {
    'app.ts': IMPORTS + APP,
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2022',
        types: ['node'],
        strict: true,
        // The declarations of the package are checked too.
        skipLibCheck: false,
      },
    }),
  });
}

function writeApp(
  folder: string,
  name: (typeof PLAIN_APPS)[number],
  type: 'commonjs' | 'module',
  files: Readonly<Record<string, string>>,
): void {
  const app = join(folder, name);
  mkdirSync(app);
  const all = { ...files, 'package.json': JSON.stringify({ name, private: true, type }) };
  for (const [file, text] of Object.entries(all)) {
    writeFileSync(join(app, file), text);
  }
}

/** What `cdk init` makes, as it comes. @returns the development dependencies that it asks for */
export async function createInitApp(folder: string): Promise<Readonly<Record<string, string>>> {
  const app = join(folder, 'init');
  mkdirSync(app);
  const cdk = join(ROOT, 'node_modules', '.bin', 'cdk');
  await run(app, cdk, ['init', 'app', '--language', 'typescript', '--generate-only']);
  return JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')).devDependencies;
}

/** Puts the rotation into what `cdk init` has made, and into its test. */
export function useConstructInInitApp(folder: string): void {
  const stack = join(folder, 'init', 'lib', 'init-stack.ts');
  const marker = '// The code that defines your stack goes here';
  const [before, after] = readFileSync(stack, 'utf8').split(marker);
  writeFileSync(stack, IMPORTS + [before, after].join(rotationIn('this')));
  writeFileSync(join(folder, 'init', 'test', 'init.test.ts'), INIT_TEST);
  // Its tsconfig.json looks for types there only.
  symlinkSync(join('..', 'node_modules'), join(folder, 'init', 'node_modules'));
}

/** The example of `cdk init`, with another resource. */
const INIT_TEST = `
import * as cdk from 'aws-cdk-lib/core';
import { Template } from 'aws-cdk-lib/assertions';
import * as Init from '../lib/init-stack';

test('Token rotated', () => {
  const app = new cdk.App();
  const stack = new Init.InitStack(app, 'MyTestStack');
  const template = Template.fromStack(stack);

  template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 1);
});
`;
