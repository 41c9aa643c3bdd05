import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GitLab } from '../../../../infra/local/gitlab/gitlab.ts';
import { presentResult } from '../../../../infra/local/real/present-real.ts';
import { type RealGitLab, rotateReal, startRealGitLab } from './real-gitlab.ts';

/** What a person reads at the end of one rotation. */
async function resultOf(gitlab: RealGitLab, token = 'first'): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'present-real-'));
  const result = await rotateReal(gitlab, {
    env: { GITLAB_TOKEN: token },
    stateFile: join(folder.path, 'secrets.json'),
  });
  return result === undefined ? '' : presentResult(result);
}

interface Case {
  readonly arrange: (gitlab: GitLab) => unknown;
  readonly token?: string;
  /** In their order. */
  readonly told: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  'that was refused': {
    arrange: (gitlab) => Object.assign(gitlab.settings, { readOnly: true }),
    told: [
      'Rotation failed. Every token that was kept is in ',
      'What happened',
      'read-only',
      'Who is affected',
      'Nobody yet',
      'Ids and details',
      'ROTATION_REFUSED',
      'gitlabRequestId',
      'What to do',
      'run the same command again: it goes on where this one stopped.',
    ],
  },
  'whose answer was lost': {
    arrange: ({ faults }) =>
      faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'reset' } }),
    told: [
      'Rotation failed.',
      'What happened',
      'Who is affected',
      'Everybody who reads this secret',
      'SUCCESSOR_LOST',
      'What to do',
      'Get an active token in GitLab',
      'Put it into GITLAB_TOKEN and run the same command again.',
    ],
  },
  'of a token that GitLab does not know': {
    arrange: () => undefined,
    token: 'fisrt',
    told: [
      'Not rotated.',
      'What happened',
      'nothing was rotated',
      'PENDING_TOKEN_REJECTED',
      'What to do',
      'take another token, and run the same command again.',
    ],
  },
};

describe('presentResult', () => {
  it.each(Object.keys(CASES))(
    'tells of a rotation %s what helps on this machine, and nothing of AWS',
    async (name) => {
      const { arrange, token, told } = CASES[name] as Case;
      await using gitlab = await startRealGitLab();
      arrange(gitlab);

      const text = (await resultOf(gitlab, token)).replace(/\s+/g, ' ');

      const places = told.map((part) => text.indexOf(part));
      expect(places, text).not.toContain(-1);
      expect(places, text).toEqual(places.toSorted((one, other) => one - other));
      expect(text).not.toMatch(/\baws |arn:aws|111122223333|put-secret-value|rotate-secret/);
      expect(text).not.toMatch(/\bfirst\b|\bfisrt\b|successor-1/);
    },
  );

  it('tells after a success what was noticed', () => {
    const facts = { code: 'HEALED', happened: 'It was lost.', affected: 'Nobody.', facts: {} };
    const plan = {
      ...{ gitlabUrl: 'https://gitlab.acme.dev', project: '7', secretName: 'acme' },
      ...{ stateFile: 'secrets.json', source: 'state file' as const },
    };

    const text = presentResult({ outcome: 'succeeded', plan, alerts: [facts] });

    expect(text).toMatch(/Rotated\.[\s\S]*secrets\.json[\s\S]*It was lost\.[\s\S]*Nobody\./);
  });
});
