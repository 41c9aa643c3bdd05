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

/** Of one secret alone; the function, its role and the event rules name all secrets. */
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
const before = synthesised([A, B, ...OTHERS]);

describe('an edit of rotation.json', () => {
  it('that is none changes nothing', () => {
    expect(synthesised([A, B, ...OTHERS])).toEqual(before);
  });

  it.each<[string, readonly SecretSettings[], string]>([
    ['adds the first secret', [NEW, A, B, ...OTHERS], 'new2Fx'],
    ['adds a secret between others', [A, NEW, B, ...OTHERS], 'new2Fx'],
    ['adds the last secret', [A, B, ...OTHERS, NEW], 'new2Fx'],
    ['removes a secret', [B, ...OTHERS], 'app2Fa'],
    ['creates a secret no more', [A, { name: 'app/b' }, ...OTHERS], 'app2Fb'],
    ['gives a secret a standby', [A, { ...B, alternatingTokens: true }, ...OTHERS], 'app2Fb'],
  ])('that %s changes nothing of the others', (_, secrets, nameInId) => {
    const after = synthesised(secrets);

    const ids = changed(before, after);
    const isOwn = (id: string) => OWN.test((after[id] ?? before[id])?.Type ?? '');
    const common = ids.filter((id) => !isOwn(id));
    expect(ids.filter((id) => isOwn(id) && !id.includes(nameInId))).toEqual([]);
    // What is for all secrets may change, but neither comes nor goes.
    expect(common.filter((id) => !(before[id] && after[id]))).toEqual([]);
    expect(ids).not.toEqual([]);
  });
});
