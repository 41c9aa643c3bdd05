import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARN, advise, CASES, commandsOf, VERSION } from '../cases.ts';

describe('when an id is not what it should be', () => {
  it('leaves it to the reader as a variable, and says first what that is', () => {
    const advice = advise('SUCCESSOR_NOT_STORED', 'createSecret', {}, {});
    const texts = advice.todo.map(({ text }) => text);
    const used = advice.todo.findIndex(({ commands }) => commands.join().includes('$TOKEN_ID'));

    expect(texts[used - 1]).toBe(
      "Set the variables of the next commands first: GITLAB_URL (the GITLAB_URL of the function), PROJECT_ID (the number of the project; of a group its number, with groups in place of projects), TOKEN_ID (GitLab's id of the new token (tokenId)).",
    );
    expect(texts.filter((text) => text.includes('SECRET_ARN ('))).toHaveLength(1);
    expect(commandsOf(advice)[1]).toContain('--secret-id "$SECRET_ARN"');
    expect(advice.happened).toContain('The new one is active, but only');
  });

  it.each(CASES)('tells of $code in $step without any', ({ code, step }) => {
    const { happened, affected, todo } = advise(code, step, {}, {});

    for (const text of [happened, affected, ...todo.map((action) => action.text)]) {
      expect(text.replaceAll('$VERSION_ID', VERSION)).toMatch(/^[A-Z][^[\]$`]{8,}\.$/);
      expect(text.length).toBeLessThan(650);
    }
    for (const [variable] of commandsOf({ happened, affected, todo })
      .join()
      .matchAll(/\$[A-Z_]+/g)) {
      expect(variable).toMatch(
        /^\$(?:SECRET_ARN|VERSION_ID|AWS_REGION|FUNCTION_NAME|REQUEST_ID|TOKEN_ID|GITLAB_URL|PROJECT_ID|TOKEN|GITLAB_TOKEN|CURRENT_VERSION_ID|CURRENT_NOW|RECOVERY_SECRET_ARN)$/,
      );
    }
  });

  it('quotes a name that a shell would read otherwise', () => {
    const secretId = ARN.replace('prod/app', 'rds!cluster');
    const [command] = commandsOf(advise('EVENT_INVALID', undefined, {}, { secretId }));

    expect(command).toBe(
      `aws secretsmanager rotate-secret --secret-id '${secretId}' --region eu-central-1`,
    );
  });

  const KINDS = [
    {},
    { standby: true },
    { recoveredBy: 'standby' },
    { recoveredBy: 'salvage' },
    { recovery: 'refused' },
    { recovery: 'expires-too-soon' },
    { recovery: 'several-candidates' },
    { currentActive: true, replacedByHand: true },
  ];
  const FIELDS = [
    'candidates',
    'currentVersionId',
    'difference',
    'error',
    'expectedTokenId',
    'expectedUserId',
    'expiresAt',
    'nextRotation',
    'operation',
    'permission',
    'previousVersionId',
    'reason',
    'recoveryExpiresAt',
    'recoveryRefusal',
    'refusal',
    'retryAfterSeconds',
    'salvageVersionId',
    'status',
    'tokenId',
    'userId',
  ];

  it('never lets a text from outside into a command or a sentence', () => {
    const hostile = fc.string({ minLength: 1, maxLength: 80 }).map((text) => `${text};reboot #`);

    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom(...CASES),
        fc.constantFrom(...KINDS),
        (text, { code, step }, kind) => {
          const texts = Object.fromEntries(FIELDS.map((field) => [field, text]));
          const ids = {
            secretId: text,
            versionId: text,
            requestId: text,
            functionName: text,
            region: text,
          };

          const advice = advise(code, step, { ...texts, ...kind }, ids);

          expect(JSON.stringify(advice)).not.toContain('reboot');
        },
      ),
    );
  });
});
