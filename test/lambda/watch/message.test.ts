import { describe, expect, it } from 'vitest';
import { FINDINGS, type FindingCode } from '../../../lambda/failure.ts';
import { finding } from '../../../lambda/watch/finding.ts';
import { hasFindings, renderReport } from '../../../lambda/watch/message.ts';
import type { Report, SecretReport } from '../../../lambda/watch/run.ts';
import { arnOf, CURRENT, PENDING } from './watch-fakes.ts';

const IDS = {
  watchFunctionName: 'gitlab-token-watch',
  functionName: 'rotation',
  region: 'eu-central-1',
  accountId: '111122223333',
  requestId: '44444444-aaaa-4aaa-8aaa-444444444444',
};
const CODES = Object.keys(FINDINGS) as readonly FindingCode[];

function secret(name: string, codes: readonly FindingCode[], more: Partial<SecretReport> = {}) {
  const findings = codes.map((code) => finding(code, { reason: 'revoked' }));
  return { name, arn: arnOf(name), labels: {}, tokens: {}, findings, ...more };
}

function report(...secrets: readonly SecretReport[]): Report {
  return { checkedAt: '2030-01-10T06:00:00.000Z', secrets };
}

function read(of: Report) {
  const { subject, message, attributes } = renderReport(of, IDS);
  const { default: chat, email } = JSON.parse(message) as { default: string; email: string };
  return { subject, attributes, email, lines: email.split('\n'), chat: JSON.parse(chat) };
}

describe(renderReport, () => {
  it('says of one secret everything, with its ids and both of its tokens', () => {
    const { email, subject, attributes } = read(
      report(
        secret('app', ['REVOKED', 'ROTATION_DISABLED'], {
          labels: { [CURRENT]: ['AWSCURRENT'], [PENDING]: ['AWSPENDING'] },
          tokens: { [CURRENT]: 'dead' },
          current: { tokenId: '12', expiresAt: null },
          standby: { tokenId: '13', expiresAt: '2030-12-31' },
          lastRotated: '2030-01-01T00:00:00.000Z',
        }),
        secret('other', []),
      ),
    );

    expect(subject).toBe('[gitlab-token-rotation] REVOKED: app');
    expect(attributes).toEqual({ code: 'REVOKED', risk: 'consumers', step: 'watch' });
    expect(email).toMatch(/GitLab does not accept the token in AWSCURRENT\..* Rotation is off/);
    expect(email).toMatch(/currentToken +12, expires never\n/);
    expect(email).toMatch(/standbyToken +13, expires 2030-12-31\n/);
    expect(email).toContain(`${PENDING} (token: not-checked)`);
    expect(email).toMatch(/findings +REVOKED, ROTATION_DISABLED\n/);
    // Each step once.
    expect(email.match(/^\d+\. Rotate: the function looks/gm)).toHaveLength(1);
  });

  it('says of several secrets what was found, the worst first, each by its name', () => {
    const { lines, subject, chat } = read(
      report(secret('one', ['ROTATION_DISABLED']), secret('two', ['REVOKED']), secret('three', [])),
    );

    expect(subject).toBe('[gitlab-token-rotation] REVOKED: 2 of 3 secrets need somebody');
    expect(lines.filter((line) => line.startsWith('  '))).toEqual(
      expect.arrayContaining([
        '  Rotation is off for this secret.',
        '  two (revoked)',
        '  one (revoked)',
      ]),
    );
    expect(chat.content.description).toContain('REVOKED: 1 secret, risk: consumers');
    expect(chat.content.nextSteps.join()).toContain('aws lambda invoke');
    expect(chat.metadata.additionalContext.findings).toBe('two: REVOKED, one: ROTATION_DISABLED');
  });

  it.each<[what: string, codes: readonly FindingCode[], isTakenOff: boolean]>([
    ['may be tried again', ['ROTATION_FAILED'], false],
    ['was given up, and has a label all the same', ['ROTATION_ABANDONED'], false],
    ['is not tried any more', ['ROTATION_FAILED', 'ROTATION_STUCK'], true],
  ])('says of a rotation when to take its label off: it %s', (_what, codes, isTakenOff) => {
    for (const pendingToken of ['empty', 'dead', 'not-checked']) {
      const details = { pendingVersionId: PENDING, pendingToken };
      const findings = codes.map((code) => finding(code, details));
      const { email } = read(report(secret('app', [], { findings })));

      expect(email).toContain(`Do not take the label AWSPENDING off version ${PENDING} yet`);
      expect(email.includes(`--remove-from-version-id ${PENDING}`)).toBe(isTakenOff);
    }
  });

  it('has a revoked token looked for in the secret before somebody makes another', () => {
    const { email } = read(report(secret('app', ['REVOKED'])));

    expect(email).toContain('in versions without a label too');
    expect(email).not.toContain('read -rs TOKEN');
  });

  it('names secrets of another account by their ARNs, since the watch needs them', () => {
    const foreign = arnOf('two').replace('111122223333', '444455556666');
    const { lines, chat } = read(
      report(secret('one', ['ROTATION_DISABLED']), secret('two', ['REVOKED'], { arn: foreign }), {
        name: 'three',
        labels: {},
        tokens: {},
        findings: [finding('SECRET_MISSING')],
      }),
    );

    expect(lines).toEqual(
      expect.arrayContaining([`  ${foreign} (revoked)`, '  one (revoked)', '  three']),
    );
    expect(chat.metadata.additionalContext).not.toHaveProperty('accountId');
  });

  it('counts the recovery credential apart', () => {
    const recovery = { arn: arnOf('recovery'), findings: [finding('RECOVERY_UNUSABLE')] };
    const { subject } = read({ ...report(secret('app', ['REVOKED'])), recovery });

    expect(subject).toBe(
      '[gitlab-token-rotation] REVOKED: 1 of 1 secret and the recovery credential need somebody',
    );
  });

  it('tells new secrets without a value from those that lost it', () => {
    const missing = finding('SECRET_MISSING', {}, 'none');
    const { lines } = read(
      report(secret('lost', ['SECRET_MISSING']), secret('new', [], { findings: [missing] })),
    );

    expect(lines).toEqual(
      expect.arrayContaining([
        'SECRET_MISSING: 1 secret, risk: consumers',
        'SECRET_MISSING: 1 secret, risk: none',
      ]),
    );
  });

  it('fits a screen for thirty secrets with few findings, and names what does not fit', () => {
    const few = Array.from({ length: 30 }, (_, index) =>
      secret(`team/app-${index}/gitlab-token`, CODES.slice(3 + (index % 5), 4 + (index % 5))),
    );
    const all = CODES.map((code, index) => secret(`app-${index}`, [code]));

    const [digest, everything] = [read(report(...few)), read(report(...all))];

    expect(digest.lines.length).toBeLessThanOrEqual(40);
    expect(digest.email).not.toContain('and 0 more');
    for (const code of CODES) {
      expect(everything.email).toContain(`${code}: 1 secret`);
    }
    const many = read(report(...few, ...few));
    expect(many.email).toContain('and 4 more');
  });

  it('says that all is well', () => {
    const { subject, attributes, email } = read(report(secret('one', []), secret('two', [])));

    expect(subject).toBe('[gitlab-token-rotation] WELL: 2 secrets');
    expect(attributes).toEqual({ code: 'WELL', risk: 'none', step: 'watch' });
    expect(email).toContain('found nothing that is wrong');
  });

  it('speaks of the recovery credential by the name of its secret, also of one in another form', () => {
    const findings = [finding('RECOVERY_UNUSABLE', { recovery: 'dead' })];
    const of = (arn: string) => read({ ...report(), recovery: { arn, findings } }).subject;

    expect(of(arnOf('recovery'))).toBe('[gitlab-token-rotation] RECOVERY_UNUSABLE: recovery');
    expect(of('recovery')).toBe('[gitlab-token-rotation] RECOVERY_UNUSABLE: recovery');
  });
});

describe('a whole message', () => {
  it('is about one secret: for programs with every id, by its thread', () => {
    const { chat } = read(
      report(
        secret('app', ['REVOKED', 'ROTATION_DISABLED'], {
          labels: { [CURRENT]: ['AWSCURRENT'] },
          tokens: { [CURRENT]: 'dead' },
          nextRotation: '2030-02-01T23:59:59.000Z',
        }),
      ),
    );

    expect(chat.content).toMatchObject({
      title: 'REVOKED: app',
      keywords: ['REVOKED', 'risk: consumers', 'step: watch'],
    });
    expect(chat.metadata).toMatchInlineSnapshot(`
      {
        "additionalContext": {
          "AWSCURRENT": "11111111-aaaa-4aaa-8aaa-111111111111 (token: dead)",
          "checkedAt": "2030-01-10T06:00:00.000Z",
          "code": "REVOKED",
          "findings": "REVOKED, ROTATION_DISABLED",
          "functionName": "rotation",
          "nextRotation": "2030-02-01T23:59:59.000Z",
          "reason": "revoked",
          "region": "eu-central-1",
          "requestId": "44444444-aaaa-4aaa-8aaa-444444444444",
          "risk": "consumers",
          "secretArn": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf",
          "secretName": "app",
          "step": "watch",
          "watchFunctionName": "gitlab-token-watch",
        },
        "summary": "REVOKED: app (step: watch, risk: consumers)",
        "threadId": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf",
      }
    `);
  });

  it('is about one secret whose ARN nobody knows: its name, and a variable in the commands', () => {
    const findings = [finding('SECRET_MISSING')];
    const { email, chat } = read(report({ name: 'gone', labels: {}, tokens: {}, findings }));

    expect(chat.metadata.threadId).toBe('gone');
    expect(chat.metadata.additionalContext).not.toHaveProperty('secretArn');
    expect(email).toContain('--secret-id "$SECRET_ARN"');
    expect(email).not.toContain('undefined');
  });

  it('is about one secret by its ARN: so are the commands', () => {
    const { email } = read(report(secret('app', ['ROTATION_DISABLED', 'ROTATION_OVERDUE'])));

    expect(email).toMatchInlineSnapshot(`
      "ROTATION_DISABLED: app

      WHAT HAPPENED

      Rotation is off for this secret. No rotation came when it was due.

      WHO IS AFFECTED

      Nobody now. If nobody acts, everybody who reads this secret once the token expires or a rotation fails.

      WHAT TO DO

      1. Find out whether somebody switched rotation off on purpose (cancel-rotate-secret in CloudTrail). See the state of the secret.

           aws secretsmanager describe-secret --secret-id arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf --region eu-central-1

      2. If rotation should be on, rotate: this switches rotation on again, with the same function and schedule.

           aws secretsmanager rotate-secret --secret-id arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf --region eu-central-1

      3. If it was never on, deploy the secret again.

      4. See the state of the secret, and look for alerts of its last rotation.

           aws secretsmanager describe-secret --secret-id arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf --region eu-central-1

      5. See whether the function exists and Secrets Manager may invoke it.

           aws lambda get-policy --function-name rotation --query Policy --output text --region eu-central-1

      6. Rotate, and see whether the next one comes by itself.

           aws secretsmanager rotate-secret --secret-id arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf --region eu-central-1


      IDS AND DETAILS

      code               ROTATION_DISABLED
      risk               none
      step               watch
      watchFunctionName  gitlab-token-watch
      functionName       rotation
      region             eu-central-1
      requestId          44444444-aaaa-4aaa-8aaa-444444444444
      checkedAt          2030-01-10T06:00:00.000Z
      secretName         app
      secretArn          arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf
      findings           ROTATION_DISABLED, ROTATION_OVERDUE
      reason             revoked"
    `);
  });

  it('is about several secrets', () => {
    const { email, chat } = read(
      report(
        secret('one', ['ROTATION_DISABLED', 'TOKEN_ID_DIFFERS']),
        secret('two', ['REVOKED']),
        secret('three', []),
      ),
    );

    expect(email).toMatchInlineSnapshot(`
      "REVOKED: 2 of 3 secrets need somebody

      REVOKED: 1 secret, risk: consumers
        GitLab does not accept the token in AWSCURRENT. Everybody who reads this secret: GitLab refuses
        the token in AWSCURRENT.
        two (revoked)

      ROTATION_DISABLED: 1 secret, risk: none
        Rotation is off for this secret.
        one (revoked)

      TOKEN_ID_DIFFERS: 1 secret, risk: none
        The token in AWSCURRENT is active, but its id at GitLab is not tokenId of the secret. Somebody
        changed one without the other.
        one (revoked)

      WHAT TO DO

      1. Set the variables of the next commands first: SECRET_NAME (the name of the secret (secretName), or its ARN where the message shows that).

      2. For the steps and commands of one secret, let the watch look at it alone: its message has them.

           aws lambda invoke --function-name gitlab-token-watch --cli-binary-format raw-in-base64-out --payload "{\\"secrets\\":[\\"$SECRET_NAME\\"]}" /dev/stdout --region eu-central-1
      "
    `);
    const { title, description, nextSteps, keywords } = chat.content;
    expect(email.startsWith(`${title}\n\n${description}\nWHAT TO DO\n`)).toBe(true);
    // In a chat a command has no place of its own.
    expect(nextSteps[1]).toMatch(/^2\. For the steps .* has them\.\naws lambda invoke /);
    expect(keywords).toEqual(['REVOKED', 'risk: consumers', 'step: watch']);
    expect(chat.metadata).toMatchInlineSnapshot(`
      {
        "additionalContext": {
          "checkedAt": "2030-01-10T06:00:00.000Z",
          "code": "REVOKED",
          "findings": "two: REVOKED, one: ROTATION_DISABLED TOKEN_ID_DIFFERS",
          "functionName": "rotation",
          "region": "eu-central-1",
          "requestId": "44444444-aaaa-4aaa-8aaa-444444444444",
          "risk": "consumers",
          "step": "watch",
          "watchFunctionName": "gitlab-token-watch",
        },
        "summary": "REVOKED: 2 of 3 secrets need somebody (step: watch, risk: consumers)",
        "threadId": "watch",
      }
    `);
  });

  it('is about nothing', () => {
    const { email, chat } = read(report(secret('one', []), secret('two', [])));

    expect(email).toMatchInlineSnapshot(`
      "WELL: 2 secrets

      WHAT HAPPENED

      The watch has looked at every secret, and found nothing that is wrong.

      WHO IS AFFECTED

      Nobody is affected.

      WHAT TO DO

      1. Nothing is left to do.


      IDS AND DETAILS

      code               WELL
      risk               none
      step               watch
      watchFunctionName  gitlab-token-watch
      functionName       rotation
      region             eu-central-1
      requestId          44444444-aaaa-4aaa-8aaa-444444444444
      checkedAt          2030-01-10T06:00:00.000Z
      secrets            2"
    `);
    expect(chat.content.keywords).toEqual(['WELL', 'risk: none', 'step: watch']);
    expect(chat.metadata).toMatchInlineSnapshot(`
      {
        "additionalContext": {
          "checkedAt": "2030-01-10T06:00:00.000Z",
          "code": "WELL",
          "functionName": "rotation",
          "region": "eu-central-1",
          "requestId": "44444444-aaaa-4aaa-8aaa-444444444444",
          "risk": "none",
          "secrets": "2",
          "step": "watch",
          "watchFunctionName": "gitlab-token-watch",
        },
        "summary": "WELL: 2 secrets (step: watch, risk: none)",
        "threadId": "watch",
      }
    `);
  });
});

describe(hasFindings, () => {
  it('counts those of the recovery credential', () => {
    const recovery = { arn: arnOf('recovery'), findings: [finding('RECOVERY_UNUSABLE')] };

    expect(hasFindings(report(secret('app', [])))).toBe(false);
    expect(hasFindings({ ...report(secret('app', [])), recovery })).toBe(true);
  });
});
