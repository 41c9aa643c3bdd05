import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { type App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { codeOf, createApp, rotationOf } from '../cdk-app.ts';

const folder = mkdtempSync(join(tmpdir(), 'ca-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A PEM file with one of the public authorities. */
function caFile(name: string, index: number): string {
  const path = join(folder, name);
  writeFileSync(path, `${rootCertificates[index]}\n`);
  return path;
}

function createRotation(app: App, id: string, certificateAuthority: string): Stack {
  const stack = new Stack(app, id);
  rotationOf(stack, { certificateAuthority });
  return stack;
}

it('a CA file is deployed beside the code of its function, to where that looks for it', () => {
  const app = createApp();
  const stacks = [
    createRotation(app, 'First', caFile("GitLab's own CA.pem", 0)),
    createRotation(app, 'Second', caFile('second.pem', 1)),
  ];

  for (const [index, stack] of stacks.entries()) {
    const code = codeOf(stack);
    expect(readdirSync(code).sort()).toEqual(['gitlab-ca.pem', 'index.cjs']);
    expect(readFileSync(join(code, 'gitlab-ca.pem'), 'utf8')).toBe(`${rootCertificates[index]}\n`);
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { GITLAB_CA_FILE: '/var/task/gitlab-ca.pem' } },
    });
  }
});

describe('Lambda can read the code, whoever owned it here', () => {
  const modesIn = (code: string) =>
    readdirSync(code).map((file) => [file, statSync(join(code, file)).mode & 0o777]);

  it('with a CA file of one person alone', () => {
    const app = createApp();
    const path = caFile('private.pem', 2);
    chmodSync(path, 0o600);

    expect(modesIn(codeOf(createRotation(app, 'Private', path)))).toEqual([
      ['gitlab-ca.pem', 0o644],
      ['index.cjs', 0o644],
    ]);
  });
});
