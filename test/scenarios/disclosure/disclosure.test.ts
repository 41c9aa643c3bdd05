import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../../lambda/settings/config.ts';
import type { Secrets, Shape, Trouble } from './cases.ts';
import * as cases from './cases.ts';
import { expectEveryShapeRotated, expectNothingTold } from './properties.ts';
import { expectNothingOf, recordRotation } from './told-rotation.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('what leaves the function', () => {
  // Many more of both: disclosure.prove.ts.
  it('holds no token, no content of the secret and no RotationToken, whatever goes wrong', () =>
    expectNothingTold(6));

  it('goes through with every shape of the secret where nothing is wrong', () =>
    expectEveryShapeRotated(3));

  it.each([
    ['takes', 'rotation step failed'],
    ['refuses', 'alert not published'],
    ['refuses in plain text', 'alert not published'],
    ['cuts', 'alert not published'],
  ] as const)(
    'tells a failure, with a topic that %s, and nothing of the secret',
    async (how, line) => {
      const [[held, of] = []] = fc.sample(fc.tuple(cases.secrets, cases.shape), 1);
      const what = { kind: 'secret', form: 'twice' } as const;

      const { output, alerts } = await recordRotation(held as Secrets, of as Shape, what, how);

      expect(output).toContain(line);
      expect(alerts).toBeGreaterThan(0);
      expectNothingOf(held as Secrets, output);
    },
  );

  it.each([
    ['HEALED', { how: 'answer', operation: 'none' }],
    ['HEALED', { how: 'before', operation: 'none' }],
    ['several-candidates', { how: 'race', operation: 'none' }],
    ['several-candidates', { how: 'answer', operation: 'listTokens', form: 'list' }],
    ['not-enough-time', { how: 'answer', operation: 'rotateById', form: 'text' }],
    ['unreachable', { how: 'before', operation: 'getToken', form: 'text' }],
  ])('tells of a lost successor %s, %j, and no token of anybody', async (told, loss) => {
    const shape = { owner: 'project', hasTokenId: true, recovery: 'json', form: 'json' } as const;
    const what = { kind: 'loss', at: 'before', status: 200, form: 'list', ...loss } as Trouble;
    for (const hasStandby of [false, true]) {
      const of = { ...shape, tokenField: 'token', hasStandby } as const;
      const [held] = fc.sample(cases.secrets, 1) as [Secrets];

      const { output } = await recordRotation(held, of, what, 'takes');

      expect(output).toContain(told);
      expectNothingOf(held, output);
    }
  });

  it('holds nothing of an environment into which somebody pasted a token', () => {
    const variables = [
      'GITLAB_URL',
      'FAILURE_TOPIC_ARN',
      'TOKEN_LIFETIME_DAYS',
      'TOKEN_FIELD',
      'GITLAB_PROJECT_ID',
      'SECRET_SETTINGS',
      'GITLAB_CA_FILE',
      'RECOVERY_SECRET_ARN',
      'HTTPS_PROXY',
    ];
    fc.assert(
      fc.property(cases.token, fc.constantFrom(...variables), (held, variable) => {
        let failure: unknown;
        try {
          loadConfig({ [variable]: held });
        } catch (error) {
          failure = error;
        }

        expect(failure).toMatchObject({ code: 'CONFIG_INVALID' });
        expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain(held);
      }),
    );
  });
});
