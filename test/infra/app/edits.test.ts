import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { SecretSettings } from '../../../infra/app/settings/secret.ts';
import { GitLabTokenRotationStack } from '../../../infra/app/stack.ts';
import { createApp } from '../cdk-app.ts';

interface Resource {
  readonly Type: string;
  readonly Properties?: object;
}

type Resources = Readonly<Record<string, Resource>>;

/** Of one secret alone; functions, roles, event rules and the schedule of the watch name all secrets. */
const OWN = /^AWS::SecretsManager::/;

function synthesised(secrets: readonly SecretSettings[]): Resources {
  const stack = new GitLabTokenRotationStack(createApp(), {
    gitlabUrl: 'https://gitlab.acme.dev',
    alertEmails: ['ops@acme.dev'],
    secrets: [...secrets],
  });
  return Template.fromStack(stack).toJSON()['Resources'];
}

/** Ids of resources that are new, different or gone. Only the order of their creation may change. */
function changed(before: Resources, after: Resources): readonly string[] {
  const ids = new Set([...Object.keys(before), ...Object.keys(after)]);
  const text = ({ Type, Properties }: Partial<Resource> = {}) => JSON.stringify([Type, Properties]);
  return [...ids].filter((id) => text(before[id]) !== text(after[id]));
}

const NEW: SecretSettings = { name: 'new/x', create: true };
const A: SecretSettings = { name: 'app/a', create: true };
const B: SecretSettings = { name: 'app/b', create: true };
/** More than there are schedules at once. */
const OTHERS = Array.from({ length: 12 }, (_, index) => ({ name: `other/${index}` }));
/** Of the secret alone. An id never changes, also from release to release: a new one ends the rotation. */
const CREATED = [
  'GitLabSecretsnew2FxPolicyBD9C6232',
  'GitLabSecretsnew2FxSchedule7FBE20A8',
  'GitLabSecretsnew2FxSecret05E56A9E',
];
const REMOVED = [
  'GitLabSecretsapp2FaPolicy7F773D00',
  'GitLabSecretsapp2FaSchedule6CD55B1E',
  'GitLabSecretsapp2FaSecret3D69914A',
];
const CREATED_NO_MORE = ['GitLabSecretsapp2FbPolicy16EBC8E8', 'GitLabSecretsapp2FbSecretAD9A75E8'];
const before = synthesised([A, B, ...OTHERS]);

describe('an edit of rotation.json', () => {
  it('that is none changes nothing', () => {
    expect(synthesised([A, B, ...OTHERS])).toEqual(before);
  });

  it.each<[string, readonly SecretSettings[], readonly string[]]>([
    ['adds the first secret', [NEW, A, B, ...OTHERS], CREATED],
    ['adds a secret between others', [A, NEW, B, ...OTHERS], CREATED],
    ['adds the last secret', [A, B, ...OTHERS, NEW], CREATED],
    ['removes a secret', [B, ...OTHERS], REMOVED],
    ['creates a secret no more', [A, { name: 'app/b' }, ...OTHERS], CREATED_NO_MORE],
    ['gives a secret a standby', [A, { ...B, alternatingTokens: true }, ...OTHERS], []],
  ])('that %s changes nothing of the others', (_, secrets, own) => {
    const after = synthesised(secrets);

    const ids = changed(before, after);
    const isOwn = (id: string) => OWN.test((after[id] ?? before[id])?.Type ?? '');
    const common = ids.filter((id) => !isOwn(id));
    expect(ids.filter(isOwn).sort()).toEqual(own);
    // What is for all secrets may change, but neither comes nor goes.
    expect(common.filter((id) => !(before[id] && after[id]))).toEqual([]);
    expect(ids).not.toEqual([]);
  });
});
