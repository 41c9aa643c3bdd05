import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Advice, adviseOn } from '../../../../lambda/alerts/advice.ts';
import { type Details, type FailureCode, RISKS, type Step } from '../../../../lambda/failure.ts';
import { advise, CODES, commandsOf, FAILURE_CODES, IDS, textOf, VERSION } from '../cases.ts';
import { FOUND } from '../finding-situations.ts';
import { UNHEALED } from '../healing-situations.ts';
import { adviseIn, SERVED } from '../situation.ts';
import { EVERYWHERE, REFUSALS } from '../situations.ts';

/** Nothing of the page is left, nothing that is not known, and it is as short as its readers need it. */
function expectWhole({ happened, affected, todo }: Advice): void {
  for (const text of [happened, affected, ...todo.map((action) => action.text)]) {
    expect(text).toMatch(/^[A-Z][^[\]`*$]{8,}\.$/);
    // Nor is a sentence run into the next.
    expect(text).not.toMatch(/undefined|null|NaN|\.[A-Z]/);
  }
  expect(todo.length).toBeGreaterThan(0);
  // A chat numbers them, and takes 350 characters.
  expect(todo.map(({ text }) => text).filter(({ length }) => length > 345)).toEqual([]);
  // Somebody was asleep a minute ago.
  expect(happened.length).toBeLessThan(650);
}

function expectItsVersions(advice: Advice, details: Details): void {
  const { salvageVersionId, previousVersionId, currentVersionId } = details;
  const made = [VERSION, salvageVersionId, previousVersionId];
  const left = [VERSION, currentVersionId, '"$CURRENT_VERSION_ID"', '"$CURRENT_NOW"'];
  const commands = commandsOf(advice).join('\n');
  for (const [, version] of textOf(advice).matchAll(/\bversion (\S{36})\b/g)) {
    expect(made).toContain(version);
  }
  for (const [, version] of commands.matchAll(/--move-to-version-id (\S+)/g)) {
    expect(made).toContain(version);
  }
  for (const [, version] of commands.matchAll(/--remove-from-version-id (\S+)/g)) {
    expect(left).toContain(version);
  }
}

function expectItsSecret(advice: Advice): void {
  for (const command of commandsOf(advice)) {
    expect(command).not.toMatch(/undefined|\$SECRET_ARN|\$VERSION_ID|\$AWS_REGION|\n/);
    for (const call of command.match(/aws secretsmanager [^|)]*\)?[^|)]*/g) ?? []) {
      expect(call).toMatch(/--secret-id (?:arn:aws:secretsmanager:\S+|"\$RECOVERY_SECRET_ARN") /);
    }
    expect(command.match(/aws (secretsmanager|lambda|logs)/g) ?? []).toHaveLength(
      command.match(/--region eu-central-1/g)?.length ?? 0,
    );
  }
}

describe('what is told in every situation', () => {
  it.each([...EVERYWHERE, ...FOUND])(
    'is whole, of this version and secret: $code in $step, $details',
    (situation) => {
      const advice = adviseIn(situation);

      expectWhole(advice);
      expectItsVersions(advice, situation.details ?? {});
      expectItsSecret(advice);
    },
  );

  it('has commands that a shell can read', () => {
    const { status } = spawnSync('bash', ['-n'], {
      input: [...EVERYWHERE, ...FOUND]
        .flatMap((situation) => commandsOf(adviseIn(situation)))
        .join('\n'),
    });

    expect(status).toBe(0);
  });

  it('is another for every code, refusal and reason', () => {
    const explained = (situations: typeof EVERYWHERE) =>
      situations.map((situation) => adviseIn(situation).happened);
    const lost = UNHEALED.filter(({ code }) => code === 'SUCCESSOR_LOST');
    const refused = REFUSALS.map((refusal) => ({
      code: 'ROTATION_REFUSED' as const,
      details: { refusal },
    }));

    for (const texts of [CODES.map((code) => ({ code })), lost, refused].map(explained)) {
      expect(new Set(texts).size).toBe(texts.length);
    }
  });
});

describe('who is affected', () => {
  it.each<[FailureCode, Step, Details]>([
    ['PENDING_TOKEN_REJECTED', 'testSecret', { reason: 'revoked' }],
    ['CURRENT_TOKEN_DEAD', 'createSecret', { reason: 'revoked', reuseDetected: true }],
  ])('hears that no token works: %s in %s, %j', (code, step, details) => {
    expect(advise(code, step, details).affected).toBe(
      'Everybody who reads this secret: neither the token in AWSCURRENT nor the new one works.',
    );
  });

  it.each(FAILURE_CODES.filter((code) => RISKS[code] === 'none'))(
    'is nobody yet by %s in createSecret',
    (code) => {
      const { affected } = advise(code);

      expect(affected).toMatch(code === 'SECRET_MISSING' ? /nothing to read/ : /^Nobody/);
    },
  );

  it.each(FAILURE_CODES.filter((code) => RISKS[code] === 'consumers'))(
    'is everybody by %s in createSecret',
    (code) => {
      expect(advise(code).affected).toMatch(/^Everybody who reads this secret/);
    },
  );

  it.each(FAILURE_CODES.filter((code) => RISKS[code] === 'unknown'))(
    'is unknown by %s in createSecret',
    (code) => {
      expect(advise(code).affected).toMatch(/^Unknown\. As long as/);
    },
  );

  it('is what the risk says that a step states', () => {
    expect(adviseOn({ ...IDS, code: 'UNEXPECTED', details: {} }, 'none').affected).toMatch(
      /^Nobody yet/,
    );
  });

  it('is nobody while the token of consumers is active', () => {
    expect(advise('ROTATION_OUTCOME_UNKNOWN', 'createSecret', SERVED).affected).toMatch(
      /^Nobody now/,
    );
  });
});
