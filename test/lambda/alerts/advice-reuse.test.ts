import { describe, expect, it } from 'vitest';
import { advise, commandsOf, SECRET, textOf } from './advice-cases.ts';
import { OLDER } from './advice-situations.ts';

const REUSE = { reason: 'revoked', reuseDetected: true };

/** Makes version `OLDER` current again. */
const GIVE_BACK = `aws secretsmanager update-secret-version-stage ${SECRET} --version-stage AWSCURRENT --move-to-version-id ${OLDER} --remove-from-version-id "$CURRENT_VERSION_ID" --region eu-central-1`;

describe('a new token that GitLab revoked because the old one was presented twice', () => {
  it.each(['CURRENT_TOKEN_DEAD', 'STANDBY_DEAD'] as const)(
    'is told as reuse detection, and not as the work of a person: %s',
    (code) => {
      const { happened } = advise(code, 'createSecret', REUSE);

      expect(happened).toContain('Two requests to rotate the same token');
      expect(happened).toContain('reuse detection');
      expect(happened).not.toContain('somebody');
    },
  );

  it.each(['CURRENT_TOKEN_DEAD', 'STANDBY_DEAD'] as const)(
    'has no successor to look for in GitLab, and its version none to promote: %s',
    (code) => {
      const advice = advise(code, 'createSecret', REUSE);

      expect(textOf(advice)).not.toContain('choose Rotate');
      expect(textOf(advice)).not.toContain('holds a living token');
      expect(textOf(advice)).toContain('Create a token in GitLab');
      expect(commandsOf(advice).join()).not.toContain('AWSCURRENT --move-to');
      expect(commandsOf(advice).at(-1)).toContain('rotate-secret');
    },
  );

  it('leaves the token that consumers had, which a person makes current where the function could not', () => {
    const details = { ...REUSE, previousVersionId: OLDER };
    const advice = advise('CURRENT_TOKEN_DEAD', 'createSecret', details);

    expect(advice.happened).toContain(OLDER);
    expect(commandsOf(advice)[1]).toBe(GIVE_BACK);
    expect(textOf(advice)).toContain('as its standby');
  });

  it('was replaced by the token that consumers had, and the standby is missing then', () => {
    const details = { ...REUSE, cure: 'given-back', previousVersionId: OLDER };
    const advice = advise('HEALED', 'createSecret', details);

    expect(advice.happened).toContain(`moved AWSCURRENT back to version ${OLDER}`);
    expect(advice.affected).toContain('the next rotation needs an active standby token');
    expect(commandsOf(advice)[0]).toContain('.standby.token = env.TOKEN');
  });

  it('names no version that is none', () => {
    const details = { ...REUSE, previousVersionId: '; reboot' };

    expect(advise('CURRENT_TOKEN_DEAD', 'createSecret', details)).toEqual(
      advise('CURRENT_TOKEN_DEAD', 'createSecret', REUSE),
    );
    expect(advise('HEALED', 'createSecret', { ...details, cure: 'given-back' }).happened).toContain(
      'back to the version before',
    );
  });
});
