import { describe, expect, it } from 'vitest';
import { advise, CURRENT, commandsOf, DROP, PROMOTE, ROTATE, textOf } from './advice-cases.ts';

const SERVED = { currentVersionId: CURRENT, currentAlive: true };
const PUT_STANDBY = /jq '\.standby\.token = env\.TOKEN \| del\(\.standby\.tokenId\)'/;
const PUT_TOKEN = /jq '\.token = env\.TOKEN/;

const REPLACED = [
  'legacy-token',
  'not-an-access-token',
  'permission-missing',
  'scope-missing',
] as const;

describe('a standby that is needed', () => {
  it.each([
    ['STANDBY_DEAD', 'createSecret', { reason: 'expired' }],
    ['STANDBY_DEAD', 'createSecret', { reason: 'revoked' }],
    ['STANDBY_DEAD', 'createSecret', { reason: 'unusable' }],
    ['STANDBY_DEAD', 'testSecret', { reason: 'unknown', dryRun: true }],
    ['STANDBY_LOST', 'createSecret', SERVED],
    ['STANDBY_LOST', 'createSecret', { ...SERVED, tokenId: '4712' }],
    ['SCOPE_MISSING', 'createSecret', { standby: true }],
    ['SCOPE_MISSING', 'testSecret', { standby: true, dryRun: true }],
    ['EXPIRES_TOO_SOON', 'testSecret', { standby: true, scopes: ['read_api'] }],
    ['ROTATION_REFUSED', 'createSecret', { refusal: 'standby-differs' }],
    ...REPLACED.map(
      (refusal) => ['ROTATION_REFUSED', 'createSecret', { standby: true, refusal }] as const,
    ),
    ['PENDING_TOKEN_REJECTED', 'testSecret', { ...SERVED, reason: 'revoked' }],
    ['PENDING_TOKEN_REJECTED', 'testSecret', { ...SERVED, tokenId: '12', expectedTokenId: '11' }],
    ['PENDING_TOKEN_REJECTED', 'createSecret', { ...SERVED, userId: '9', expectedUserId: '3' }],
  ] as const)(
    'is put as such, and never over the living token: %s in %s, %j',
    (code, step, details) => {
      const advice = advise(code, step, details);

      const commands = commandsOf(advice).join('\n');
      expect(commands).toMatch(PUT_STANDBY);
      expect(commands).not.toMatch(PUT_TOKEN);
      expect(advice.affected).toMatch(/^Nobody/);
    },
  );

  it.each([
    ['STANDBY_DEAD', { reason: 'revoked' }],
    ['STANDBY_LOST', SERVED],
    ['STANDBY_LOST', { ...SERVED, tokenId: '4712' }],
    ['HEALED', { cure: 'standby', reason: 'revoked' }],
  ] as const)(
    'is looked for beside the token that consumers have, not instead of it: %s, %j',
    (code, details) => {
      const texts = advise(code, 'createSecret', details).todo.map(({ text }) => text);

      const caution = texts.findIndex((text) => text.startsWith('Leave the token alone'));
      const rotate = texts.findIndex((text) => text.includes('choose Rotate'));
      expect(caution).toBeGreaterThan(-1);
      expect(rotate).toBeGreaterThan(caution);
      expect(texts[rotate]).toContain('If another active token');
      expect(texts.join()).not.toContain('Check that GITLAB_URL');
    },
  );

  it('is put after the current token where both are dead', () => {
    const details = { reason: 'revoked', standbyReason: 'expired' };
    const commands = commandsOf(advise('CURRENT_TOKEN_DEAD', 'createSecret', details));

    const [putToken, putStandby] = [PUT_TOKEN, PUT_STANDBY].map((put) =>
      commands.findIndex((command) => put.test(command)),
    );
    expect(putToken).toBeGreaterThan(-1);
    expect(putStandby).toBeGreaterThan(Number(putToken));
    expect(
      commandsOf(advise('CURRENT_TOKEN_DEAD', 'createSecret', { reason: 'revoked' })).join(),
    ).not.toMatch(PUT_STANDBY);
  });

  it('is put beside the token, and never in its place, where both are the same', () => {
    const advice = advise('SECRET_MALFORMED', 'createSecret', { duplicate: 'standby' });

    const commands = commandsOf(advice).join('\n');
    expect(commands).toMatch(PUT_STANDBY);
    expect(commands).not.toMatch(PUT_TOKEN);
    expect(commands).not.toContain('printf %s "$TOKEN"');
    expect(textOf(advice)).not.toContain('neither of the two forms');
  });

  it('must be like the token that consumers have', () => {
    const text = textOf(advise('STANDBY_DEAD', 'createSecret', { reason: 'unusable' }));

    expect(text).toContain('the role and the scopes must be exactly those');
    expect(text).not.toContain('choose Rotate');
  });

  it('may still be stored by the process that rotated it', () => {
    const advice = advise('STANDBY_LOST', 'createSecret', { ...SERVED, tokenId: '4712' });

    expect(advice.happened).toContain('with the id 4712');
    expect(advice.todo[0]?.text).toMatch(/^Wait for the next try/);
    expect(commandsOf(advice).join()).toContain('/access_tokens/4712/rotate"');
  });

  it('is not said to have had no answer where it may only not have been stored', () => {
    const { happened } = advise('STANDBY_LOST', 'createSecret', SERVED);

    expect(happened).toContain('its answer did not come, or it could not be stored');
  });
});

describe('two tokens, while the current one lives', () => {
  it('let nobody be alarmed after the rotation, and keep the new one', () => {
    const advice = advise('STORE_UNAVAILABLE', 'testSecret', SERVED);

    expect(advice.happened).toContain('AWSCURRENT holds the token that it had, which lives');
    expect(advice.affected).toBe('Nobody: GitLab accepts the token in AWSCURRENT.');
    expect(textOf(advice)).toContain('Do NOT take the label AWSPENDING off');
    expect(commandsOf(advice)).toContain(
      `${PROMOTE} --remove-from-version-id ${CURRENT} --region eu-central-1`,
    );
    expect(commandsOf(advice)).not.toContain(DROP);
  });

  it('say which failure may follow an unknown outcome', () => {
    const told = (details: object) =>
      textOf(advise('ROTATION_OUTCOME_UNKNOWN', 'createSecret', { ...details }));

    expect(told(SERVED)).toContain('the next alert says STANDBY_DEAD');
    expect(told({})).toContain('the next alert says CURRENT_TOKEN_DEAD');
  });

  it('are not rotated too late: the standby at the next rotation, the other after it', () => {
    const days = { expiresAt: '2030-01-10', nextRotation: '2030-01-12' };
    const standby = advise('EXPIRES_TOO_SOON', 'testSecret', { ...days, standby: true });
    const token = advise('EXPIRES_TOO_SOON', 'testSecret', days);

    expect(standby.happened).toMatch(/^The standby token expires on 2030-01-10/);
    expect(standby.affected).toMatch(/^Nobody now/);
    expect(token.happened).toMatch(/^The token expires on 2030-01-10/);
    expect(token.affected).toMatch(/^Nobody yet/);
    expect(commandsOf(standby)).toEqual([ROTATE]);
  });
});

describe('a value that somebody put while the rotation ran', () => {
  const advice = advise('NOT_PROMOTED', 'finishSecret', { ...SERVED, replacedByHand: true });

  it('stays, and hurts nobody', () => {
    expect(advice.happened).toContain('this run left AWSCURRENT with it');
    expect(advice.affected).toMatch(/^Nobody/);
  });

  it('or the new token is chosen by whoever reads this, before Secrets Manager tries again', () => {
    expect(advice.happened).toContain('If Secrets Manager tries again, that one becomes current');
    expect(commandsOf(advice)).toContain(DROP);
    expect(commandsOf(advice)).toContain(
      `${PROMOTE} --remove-from-version-id ${CURRENT} --region eu-central-1`,
    );
  });
});
