import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARN, advise, CASES, commandsOf, textOf } from './advice-cases.ts';
import { adviseIn, SITUATIONS, UNHEALED } from './advice-situations.ts';

/** What a script prints that reads `input` where people would type. */
function bash(script: string, input: string): string {
  return spawnSync('bash', ['-c', script], { input, encoding: 'utf8' }).stdout;
}

describe('commandsFor', () => {
  it('gives commands that a shell can read', () => {
    const commands = [
      ...CASES.map(({ code, step }) => advise(code, step)),
      ...[...SITUATIONS, ...UNHEALED].map(adviseIn),
    ].flatMap(commandsOf);

    const { status } = spawnSync('bash', ['-n'], { input: commands.join('\n') });

    expect(status).toBe(0);
  });

  it("hands a person's token to curl without showing it to the shell's history", () => {
    const [command] = commandsOf(advise('SUCCESSOR_NOT_STORED'));

    const shown = bash(`curl() { cat; }; ${command}`, 'maintainer\n');

    expect(shown).toBe('header = "Authorization: Bearer maintainer"');
  });

  it('puts the token that is typed, which is gone from the shell afterwards', () => {
    const [, json, plain] = commandsOf(advise('SUCCESSOR_NOT_STORED'));
    // The secret is read, jq shows what it would do, and what is put is shown.
    const aws = 'aws() { if [ "$2" = get-secret-value ]; then printf "the secret"; else cat; fi; }';
    const jq = 'jq() { cat; printf " | %s | %s" "$1" "$TOKEN"; }';

    const putJson = bash(`${aws}; ${jq}; ${json}; printf "[$TOKEN]"`, 'successor-1\n');
    const putPlain = bash(`${aws}; ${plain}; printf "[$TOKEN]"`, 'successor-1\n');

    expect(putJson).toBe('the secret | .token = env.TOKEN | del(.tokenId) | successor-1[]');
    expect(putPlain).toBe('successor-1[]');
  });
});

describe('when an id is not what it should be', () => {
  it('leaves it to the reader as a variable', () => {
    const commands = CASES.flatMap(({ code, step }) => commandsOf(advise(code, step, {}, {})));
    const all = commands.join('\n');

    expect(all).not.toContain('undefined');
    expect(all).toContain('--secret-id "$SECRET_ARN"');
    expect(all).toContain('--version-id "$VERSION_ID"');
    expect(all).toContain('--function-name "$FUNCTION_NAME"');
    expect(all).toContain('--since 1d --region "$AWS_REGION"');
  });

  it('speaks of the version by its place', () => {
    const texts = CASES.map(({ code, step }) => textOf(advise(code, step, {}, {}))).join('\n');

    expect(texts).not.toContain('undefined');
    expect(texts).toContain('see whether the pending version has a value');
  });

  it('takes the region of the invocation for a secret without one', () => {
    const [command] = commandsOf(
      advise('EVENT_INVALID', undefined, {}, { region: 'us-gov-east-1' }),
    );

    expect(command).toBe(
      'aws secretsmanager rotate-secret --secret-id "$SECRET_ARN" --region us-gov-east-1',
    );
  });

  it('quotes a name that a shell would read otherwise', () => {
    const secretId = ARN.replace('prod/app', 'rds!cluster');
    const [command] = commandsOf(advise('EVENT_INVALID', undefined, {}, { secretId }));

    expect(command).toBe(
      `aws secretsmanager rotate-secret --secret-id '${secretId}' --region eu-central-1`,
    );
  });

  it.each([
    `${ARN};reboot`,
    `$(reboot)${ARN}`,
    ARN.replace('prod/app', 'a b'),
    ARN.replace('prod/app', '$(reboot)'),
    ARN.replace('prod/app', "'"),
    ARN.replace(':secret:', ':key:'),
  ])('does not take %s for the ARN of a secret', (secretId) => {
    const [command] = commandsOf(advise('EVENT_INVALID', undefined, {}, { secretId }));

    expect(command).toBe(
      'aws secretsmanager rotate-secret --secret-id "$SECRET_ARN" --region "$AWS_REGION"',
    );
  });

  const KINDS = [
    {},
    { standby: true },
    { cure: 'standby' },
    { cure: 'salvage' },
    { recovery: 'refused' },
    { recovery: 'expires-too-soon' },
    { recovery: 'several-candidates' },
    { currentAlive: true, replacedByHand: true },
  ];

  it('never lets a text from outside into a command or a sentence', () => {
    const hostile = fc.string({ minLength: 1, maxLength: 80 }).map((text) => `${text};reboot #`);

    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom(...CASES),
        fc.constantFrom(...KINDS),
        (text, given, kind) => {
          const { code, step } = given;
          const texts = Object.fromEntries(
            [
              'tokenId',
              'expectedTokenId',
              'currentVersionId',
              'reason',
              'refusal',
              'operation',
              'error',
              'expiresAt',
              'nextRotation',
              'retryAfterSeconds',
              'expectedUserId',
              'userId',
              'salvageVersionId',
              'recoveryExpiresAt',
              'recoveryRefusal',
              'candidates',
              'difference',
            ].map((key) => [key, text]),
          );
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
