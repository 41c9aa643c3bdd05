import { describe, expect, it } from 'vitest';
import type { Details, FailureCode, NoticeCode, Step } from '../../../../lambda/failure.ts';
import { advise, commandsOf, DROP, FIND_NOW, LABELS, ROTATE, textOf } from '../cases.ts';
import { UNHEALED } from '../healing-situations.ts';
import { adviseIn, OLDER, SERVED } from '../situation.ts';
import { SITUATIONS } from '../situations.ts';

const PUT_TOKEN = /jq '\.token = env\.TOKEN/;
const PUT_STANDBY = /jq '\.standby\.token = env\.TOKEN \| del\(\.standby\.tokenId\)'/;

describe('a standby', () => {
  it.each(
    SITUATIONS.filter(
      ({ code, details: { standby, currentActive, reason } = {} }) =>
        code.startsWith('STANDBY_') ||
        (standby === true && reason !== 'expires-too-soon') ||
        (code === 'PENDING_TOKEN_REJECTED' && currentActive === true),
    ).filter(
      ({ details: { salvageVersionId, expiresAt } = {} }) => !(salvageVersionId ?? expiresAt),
    ),
  )('is put as such, and never over the active token: $code in $step, $details', (situation) => {
    const advice = adviseIn(situation);

    const commands = commandsOf(advice).join('\n');
    expect(commands).toMatch(PUT_STANDBY);
    expect(commands).not.toMatch(PUT_TOKEN);
    expect(advice.affected).toMatch(/^Nobody/);
    expect(textOf(advice)).not.toContain('the role of the old one');
    expect(textOf(advice).match(/Create a token in GitLab/g) ?? []).toHaveLength(
      textOf(advice).match(/exactly those of the token that consumers have/g)?.length ?? 0,
    );
  });

  it.each([
    ['SCOPE_MISSING', { standby: true }],
    ['ROTATION_REFUSED', { standby: true, refusal: 'permission-missing' }],
    ['STANDBY_DEAD', { reason: 'revoked' }],
    ['STANDBY_LOST', SERVED],
    ['STANDBY_LOST', { ...SERVED, tokenId: '4712' }],
  ] as const)('is named in the first sentence: %s, %j', (code, details) => {
    const [first] = advise(code, 'createSecret', details).happened.split('. ', 1);

    expect(first).toContain('standby token');
  });

  it.each([
    ['STANDBY_DEAD', { reason: 'revoked' }],
    ['STANDBY_LOST', SERVED],
    ['STANDBY_LOST', { ...SERVED, tokenId: '4712' }],
    ['HEALED', { recoveredBy: 'standby', reason: 'revoked' }],
  ] as const)('is looked for beside the token of consumers: %s, %j', (code, details) => {
    const texts = advise(code, 'createSecret', details).todo.map(({ text }) => text);

    const caution = texts.findIndex((text) => text.startsWith('Do not touch the token'));
    const rotate = texts.findIndex((text) => text.includes('choose Rotate'));
    expect(caution).toBeGreaterThan(-1);
    expect(rotate).toBeGreaterThan(caution);
    expect(texts[rotate]).toContain('If another active token');
  });

  it('is put after the current token where both are dead', () => {
    const details = { reason: 'revoked', standbyReason: 'expired' };
    const commands = commandsOf(advise('CURRENT_TOKEN_DEAD', 'createSecret', details));

    const [putToken, putStandby] = [PUT_TOKEN, PUT_STANDBY].map((put) =>
      commands.findIndex((command) => put.test(command)),
    );
    expect(putToken).toBeGreaterThan(-1);
    expect(putStandby).toBeGreaterThan(Number(putToken));
  });

  it('may still be stored by the process that rotated it', () => {
    const advice = advise('STANDBY_LOST', 'createSecret', { ...SERVED, tokenId: '4712' });

    expect(advice.happened).toContain('has the id 4712');
    expect(advice.todo[0]?.text).toMatch(/^Wait for the next attempt/);
    expect(commandsOf(advice).join()).toContain('/access_tokens/4712/rotate"');
  });
});

describe('the old token', () => {
  it.each<[FailureCode | NoticeCode, Step, Details]>([
    ...['expired', 'revoked', 'unknown'].flatMap((reason): [FailureCode, Step, Details][] => [
      ['CURRENT_TOKEN_DEAD', 'createSecret', { reason }],
      ['STANDBY_DEAD', 'createSecret', { reason }],
      ['PENDING_TOKEN_REJECTED', 'testSecret', { reason }],
      ['PENDING_TOKEN_REJECTED', 'testSecret', { ...SERVED, reason }],
    ]),
    ['ROTATION_OUTCOME_UNKNOWN', 'createSecret', {}],
    ['SUCCESSOR_LOST', 'createSecret', {}],
    ['SUCCESSOR_NOT_STORED', 'createSecret', { tokenId: '4712' }],
    ['STANDBY_LOST', 'createSecret', SERVED],
    ['STANDBY_LOST', 'createSecret', { ...SERVED, tokenId: '4712' }],
    ['HEALED', 'createSecret', { recoveredBy: 'standby', reason: 'revoked' }],
  ])('is never sent to a rotate endpoint by hand: %s in %s, %j', (code, step, details) => {
    const texts = advise(code, step, details).todo.map(({ text }) => text);

    const warning = texts.findIndex((text) =>
      text.startsWith('Never send the old token to a rotate endpoint'),
    );
    expect(warning).toBeGreaterThan(-1);
    expect(texts.slice(0, warning).join('\n')).not.toMatch(/choose Rotate|Or with curl/);
  });
});

describe('an active token that was found, and could not be stored', () => {
  const salvaged = UNHEALED.filter(({ details }) => details?.['salvageVersionId'] !== undefined);

  it.each(salvaged)('is not rotated by hand: $code', (situation) => {
    const advice = adviseIn(situation);

    expect(advice.happened).toContain(`in version ${OLDER} of the secret`);
    expect(advice.todo[0]?.text).toMatch(/^Rotate nothing in GitLab/);
    expect(textOf(advice)).not.toMatch(/Create a token|choose Rotate/);
    expect(commandsOf(advice).join()).not.toContain('put-secret-value');
  });

  it.each(salvaged)('becomes current by hand where consumers wait for it: $code', (situation) => {
    const commands = commandsOf(adviseIn(situation));
    const isServed = situation.code.startsWith('STANDBY_');

    expect(commands[0] === FIND_NOW).toBe(!isServed);
    expect(commands.join('\n').includes(`--move-to-version-id ${OLDER}`)).toBe(!isServed);
  });
});

describe('a token that GitLab revoked since the old one was presented twice', () => {
  const REUSE = { reason: 'revoked', reuseDetected: true };

  it.each(['CURRENT_TOKEN_DEAD', 'STANDBY_DEAD'] as const)(
    'has no successor to look for, and its version none to make current: %s',
    (code) => {
      const advice = advise(code, 'createSecret', REUSE);

      expect(advice.happened).toContain('reuse detection');
      expect(advice.happened).not.toContain('somebody');
      expect(textOf(advice)).not.toMatch(/choose Rotate|holds an active token/);
      expect(commandsOf(advice).join()).not.toContain('AWSCURRENT --move-to');
      expect(commandsOf(advice).slice(-3)).toEqual([LABELS, DROP, ROTATE]);
    },
  );

  it('leaves the token that consumers had, which a person makes current', () => {
    const details = { ...REUSE, previousVersionId: OLDER };
    const commands = commandsOf(advise('CURRENT_TOKEN_DEAD', 'createSecret', details));

    expect(commands[0]).toBe(FIND_NOW);
    expect(commands[1]).toContain(
      `--move-to-version-id ${OLDER} --remove-from-version-id "$CURRENT_NOW"`,
    );
    expect(commands[2]).toMatch(PUT_STANDBY);
  });
});
