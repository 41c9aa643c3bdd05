import { describe, expect, it } from 'vitest';
import { advise, commandsOf, FIND_CURRENT, SECRET, textOf } from './advice-cases.ts';
import { adviseIn, OLDER, UNHEALED } from './advice-situations.ts';

const RECOVERABLE = UNHEALED.filter(({ details }) => details?.['recovery'] !== undefined);
const SALVAGED = UNHEALED.filter(({ details }) => details?.['salvageVersionId'] !== undefined);

describe('a rotation that could not be healed', () => {
  it.each(RECOVERABLE)(
    'says of $code why, and still what to do by hand: $details',
    ({ code, ...situation }) => {
      const alone = advise(code, 'createSecret', { reason: 'revoked' });

      const advice = adviseIn({ code, ...situation });

      expect(advice.happened).toMatch(/ The recovery credential could not help: [^.]{20,}\./);
      expect(advice.happened.startsWith(alone.happened)).toBe(true);
      expect(advice.affected).toBe(alone.affected);
      expect(advice.todo.slice(-alone.todo.length)).toEqual(alone.todo);
    },
  );

  it('gives every obstacle a reason of its own', () => {
    const reasons = RECOVERABLE.filter(({ code }) => code === 'SUCCESSOR_LOST').map(
      (situation) => adviseIn(situation).happened,
    );

    expect(new Set(reasons).size).toBe(reasons.length);
  });

  it.each([undefined, 'constructor', 'refuse', 7, ['refused']])(
    'says nothing of a credential for %j',
    (recovery) => {
      const details = { reason: 'revoked', ...(recovery !== undefined && { recovery }) };

      expect(advise('SUCCESSOR_LOST', 'createSecret', details)).toEqual(
        advise('SUCCESSOR_LOST', 'createSecret', { reason: 'revoked' }),
      );
    },
  );

  it.each(['dead', 'scope-missing', 'refused'])(
    'leads to another recovery token, after which the rotation heals: %s',
    (recovery) => {
      const advice = advise('SUCCESSOR_LOST', 'createSecret', { recovery });

      expect(textOf(advice)).toContain('The token of a project or a group cannot do it');
      expect(textOf(advice)).toContain('Then let the rotation run again');
      expect(commandsOf(advice)[2]).toMatch(/read -rs TOKEN .*--secret-id "\$RECOVERY_SECRET_ARN"/);
    },
  );

  it('does not promise that a second look helps where candidates must be compared', () => {
    const candidates = ['7 "publish" 2030-01-01T00:00:00Z'];
    const recovery = 'several-candidates';
    const text = textOf(advise('SUCCESSOR_LOST', 'createSecret', { recovery, candidates }));

    expect(text).not.toContain('Then let the rotation run again');
    expect(text).toContain('Compare the candidates in the details');
    expect(text).not.toContain('publish');
  });
});

describe('a living token that was found, and could not be stored', () => {
  it.each(SALVAGED)('is not rotated by hand: $code', (situation) => {
    const advice = adviseIn(situation);

    expect(advice.happened).toContain(`in version ${OLDER} of the secret`);
    expect(textOf(advice)).toContain('Rotate nothing by hand');
    expect(textOf(advice)).not.toMatch(/Create a token|choose Rotate/);
    expect(commandsOf(advice).join()).not.toContain('put-secret-value');
  });

  it.each(SALVAGED)('becomes current by hand where consumers wait for it: $code', (situation) => {
    const commands = commandsOf(adviseIn(situation));

    const isServed = situation.code.startsWith('STANDBY_');
    expect(
      commands.includes(
        `aws secretsmanager update-secret-version-stage ${SECRET} --version-stage AWSCURRENT --move-to-version-id ${OLDER} --remove-from-version-id "$CURRENT_VERSION_ID" --region eu-central-1`,
      ),
    ).toBe(!isServed);
    expect(commands[0] === FIND_CURRENT).toBe(!isServed);
  });

  it.each(['', '; reboot', 7, [OLDER]])('is not looked for in %j', (salvageVersionId) => {
    expect(advise('SUCCESSOR_LOST', 'createSecret', { salvageVersionId })).toEqual(
      advise('SUCCESSOR_LOST'),
    );
  });
});

describe('a rotation that was healed', () => {
  it('by the standby, is finished before another standby is put', () => {
    const advice = advise('HEALED', 'createSecret', { cure: 'standby', reason: 'revoked' });

    expect(advice.happened).toContain('The dead token takes the place of the standby');
    expect(advice.todo[0]?.text).toMatch(/^Wait until this rotation is through/);
    expect(advice.todo.at(-1)?.commands?.[0]).toContain('.standby.token = env.TOKEN');
    expect(textOf(advice)).toContain('Leave the token alone that consumers have');
  });

  it.each([
    ['2030-02-01', true],
    ['never', false],
    ['2030-02-01; reboot', false],
  ])('with the recovery token, tells when that expires: %s', (recoveryExpiresAt, told) => {
    const text = textOf(advise('HEALED', 'createSecret', { cure: 'recovery', recoveryExpiresAt }));

    expect(text.includes(recoveryExpiresAt)).toBe(told);
    expect(text).toContain('rotated it by its id');
  });

  it('from another version, names it where it is one', () => {
    const told = (salvageVersionId: string) =>
      advise('HEALED', 'createSecret', { cure: 'salvage', salvageVersionId }).happened;

    expect(told(OLDER)).toContain(`in version ${OLDER} of the secret`);
    expect(told('; reboot')).toContain('in another version of the secret');
  });
});

describe('a recovery credential that would not help', () => {
  it.each([
    [{ recovery: 'expires-too-soon', recoveryExpiresAt: '2030-01-10' }, 'expires on 2030-01-10'],
    [{ recovery: 'expires-too-soon', recoveryExpiresAt: '; reboot' }, 'expires too soon'],
    [{ recovery: 'dead' }, 'does not accept the recovery token'],
    [{ recovery: 'scope-missing' }, 'lacks the scope api'],
    [{ recovery: 'unreadable' }, 'could not be read'],
  ])('is told for what it is: %j', (details, why) => {
    const advice = advise('EXPIRES_TOO_SOON', 'createSecret', details);

    expect(advice.happened).toContain(`would not help when it is needed: `);
    expect(advice.happened).toContain(why);
    expect(advice.affected).toMatch(/^Nobody now/);
    expect(textOf(advice)).not.toContain('TOKEN_LIFETIME_DAYS');
  });
});
