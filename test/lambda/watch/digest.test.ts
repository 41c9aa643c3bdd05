import { describe, expect, it } from 'vitest';
import { FINDINGS, type FindingCode } from '../../../lambda/failure.ts';
import { type DigestEntry, digestOf } from '../../../lambda/watch/digest.ts';
import { finding } from '../../../lambda/watch/finding.ts';

/** A mail shows so many characters of a line. */
const WIDTH = 100;

function subjects(count: number, code: FindingCode, name = 'app'): readonly DigestEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${name}-${index + 1}`,
    findings: [finding(code)],
  }));
}

function digest(...all: readonly DigestEntry[]): string {
  return `\n${digestOf(all).join('\n')}`;
}

/** The names of two secrets in the digest, by line. */
function namesOf(one: string, other: string): readonly string[] {
  const findings = [finding('ROTATION_DISABLED')];
  const lines = digestOf([
    { name: one, findings },
    { name: other, findings },
  ]);
  return lines.slice(2, -1);
}

describe(digestOf, () => {
  it('says what was found, who is affected and where: by finding, the worst for consumers first', () => {
    const text = digest(
      { name: 'off', findings: [finding('ROTATION_DISABLED'), finding('EXPIRES_SOON')] },
      { name: 'reported', findings: [finding('ROTATION_FAILED', {}, 'none')] },
      { name: 'dead', findings: [finding('REVOKED', { reason: 'revoked' })] },
      { name: 'unread', findings: [finding('UNREADABLE')] },
    );

    expect(text).toMatchInlineSnapshot(`
      "
      REVOKED: 1 secret, risk: consumers
        GitLab does not accept the token in AWSCURRENT. Everybody who reads this secret: GitLab refuses
        the token in AWSCURRENT.
        dead (revoked)

      UNREADABLE: 1 secret, risk: unknown
        Secrets Manager or KMS did not let the watch read the secret. Perhaps the secret no longer exists.
        Unknown. As long as GitLab accepts the token in AWSCURRENT, nobody.
        unread

      ROTATION_FAILED: 1 secret, risk: none
        AWS reports that the rotation failed: a step failed, or the function could not be invoked.
        reported

      EXPIRES_SOON: 1 secret, risk: none
        The token in AWSCURRENT expires, before its next rotation is through. An expired token cannot
        rotate itself.
        off

      ROTATION_DISABLED: 1 secret, risk: none
        Rotation is off for this secret.
        off
      "
    `);
  });

  it('says of each secret the one thing that differs, if there is one', () => {
    const text = digest(
      ...[
        { expiresAt: '2030-01-12', reason: 'soon' },
        { recoveryExpiresAt: '2030-01-13', reason: 'soon' },
        { reason: 'expired', refusal: 'user-blocked' },
        { refusal: 'user-blocked', operation: 'GetSecretValue' },
        { operation: 'GetSecretValue' },
        {},
      ].map((details, index) => ({
        name: `app-${index + 1}`,
        findings: [finding('ROTATION_DISABLED', details)],
      })),
    );

    expect(text).toMatchInlineSnapshot(`
      "
      ROTATION_DISABLED: 6 secrets, risk: none
        Rotation is off for this secret.
        app-1 (2030-01-12), app-2 (2030-01-13), app-3 (expired), app-4 (user-blocked), app-5
        (GetSecretValue), app-6
      "
    `);
  });

  it('names eight secrets, and counts the others', () => {
    const [eight, nine] = [8, 9].map((count) => digest(...subjects(count, 'ROTATION_DISABLED')));

    expect(eight).toMatchInlineSnapshot(`
      "
      ROTATION_DISABLED: 8 secrets, risk: none
        Rotation is off for this secret.
        app-1, app-2, app-3, app-4, app-5, app-6, app-7, app-8
      "
    `);
    expect(nine).toMatchInlineSnapshot(`
      "
      ROTATION_DISABLED: 9 secrets, risk: none
        Rotation is off for this secret.
        app-1, app-2, app-3, app-4, app-5, app-6, app-7, app-8, and 1 more
      "
    `);
  });

  it('fills a line, and no more', () => {
    // Two blanks before, a comma and a blank between.
    const [first, fits] = ['a'.repeat(50), 'b'.repeat(46)];

    expect(namesOf(first, fits)).toEqual([`  ${first}, ${fits}`]);
    expect(namesOf(first, fits)[0]).toHaveLength(WIDTH);
    expect(namesOf(first, `${fits}b`)).toEqual([`  ${first},`, `  ${fits}b`]);
  });

  it('gives a name that is longer than a line one of its own', () => {
    const long = 'a'.repeat(120);

    expect(namesOf(long, 'app')).toEqual([`  ${long},`, '  app']);
  });

  it('says everything on a full screen, and only names the last where it would be more', () => {
    // Each name has a line: 8 + 8 + 3 of them, and 3 lines for each of 3 findings.
    const long = 'a'.repeat(90);
    const two = [
      ...subjects(8, 'ROTATION_DISABLED', long),
      ...subjects(8, 'ROTATION_OVERDUE', long),
    ];
    const full = digestOf([...two, ...subjects(3, 'ROTATION_STUCK', long)]);
    const tooMuch = digestOf([...two, ...subjects(4, 'ROTATION_STUCK', long)]);

    expect([full.length, tooMuch.length]).toEqual([28, 28]);
    const isSaid = (lines: readonly string[]) =>
      lines.filter((line) => line.startsWith('  ') && !line.includes(long)).length;
    expect([isSaid(full), isSaid(tooMuch)]).toEqual([3, 2]);
  });

  it('only names all of them where even that is more than a screen', () => {
    const codes = Object.keys(FINDINGS) as readonly FindingCode[];
    const text = digestOf(
      codes.map((code, index) => ({ name: `app-${index}`, findings: [finding(code)] })),
    );

    expect(text).toHaveLength(3 * codes.length);
    expect(text.slice(0, 6)).toEqual([
      'SECRET_MISSING: 1 secret, risk: consumers',
      '  app-3',
      '',
      'REVOKED: 1 secret, risk: consumers',
      '  app-4',
      '',
    ]);
  });
});
