import { describe, expect, it } from 'vitest';
import { REFUSALS } from '../../../lambda/alerts/advice-refusals.ts';
import {
  advise,
  CURRENT,
  commandsOf,
  DROP,
  PROMOTE,
  ROTATE,
  textOf,
  VERSION,
} from './advice-cases.ts';

describe('when GitLab refuses', () => {
  const refusals = Object.entries(REFUSALS);

  it.each(refusals)('gives a reason and something to do for %s', (refusal, { head, why }) => {
    const advice = advise('ROTATION_REFUSED', 'createSecret', { refusal });

    expect(advice.happened).toBe(`${head ?? 'GitLab refused'}: ${why}.`);
    expect(advice.todo[0]?.text.length).toBeGreaterThan(40);
  });

  it('gives every refusal a reason of its own', () => {
    expect(new Set(refusals.map(([, { why }]) => why)).size).toBe(refusals.length);
  });

  it.each([{}, { refusal: 'constructor' }, { refusal: 7 }, { refusal: ['read-only'] }])(
    'takes %j for another reason',
    (given) => {
      expect(advise('ROTATION_REFUSED', 'createSecret', given).happened).toContain(
        REFUSALS.other.why,
      );
    },
  );
});

describe('when the current token is dead', () => {
  it.each([
    ['expired', 'it has expired'],
    ['revoked', 'it was revoked'],
    ['unusable', 'impersonation is disabled'],
    ['unknown', 'this GitLab does not know it'],
    ['toString', 'this GitLab does not know it'],
    [['expired'], 'this GitLab does not know it'],
  ])('says so for the reason %s', (reason, how) => {
    const advice = advise('CURRENT_TOKEN_DEAD', 'createSecret', { reason });

    expect(advice.happened).toContain(how);
    expect(textOf(advice)).toContain('Create a token in GitLab');
  });

  it('warns of the request that kills a living successor', () => {
    const text = textOf(advise('CURRENT_TOKEN_DEAD', 'createSecret', { reason: 'revoked' }));

    expect(text).toContain('Never send the old token to a rotate endpoint');
  });

  it('looks for the current version anew after a put, which makes another one current', () => {
    const commands = commandsOf(
      advise('SUCCESSOR_LOST', 'createSecret', { currentVersionId: CURRENT }),
    );

    expect(commands).toContain(
      `${PROMOTE} --remove-from-version-id "$CURRENT_VERSION_ID" --region eu-central-1`,
    );
    expect(commands.join()).not.toContain(CURRENT);
  });
});

describe('when the successor was not stored', () => {
  it('names it by its id, and lets a person rotate it by that id', () => {
    const advice = advise('SUCCESSOR_NOT_STORED', 'createSecret', { tokenId: '4712' });

    expect(advice.happened).toContain('with the id 4712');
    expect(commandsOf(advice)[0]).toContain(
      '"$GITLAB_URL/api/v4/projects/$PROJECT_ID/access_tokens/4712/rotate"',
    );
  });

  it('leaves the id to the reader when GitLab did not tell it', () => {
    const advice = advise('SUCCESSOR_NOT_STORED');

    expect(advice.happened).toContain('lives in GitLab, but');
    expect(commandsOf(advice)[0]).toContain('/access_tokens/$TOKEN_ID/rotate"');
  });
});

describe('when the pending token is rejected', () => {
  it('does not promote a dead one, but replaces it', () => {
    const advice = advise('PENDING_TOKEN_REJECTED', 'testSecret', {
      reason: 'revoked',
      currentVersionId: CURRENT,
    });

    expect(advice.happened).toContain(`does not accept the new token, in version ${VERSION}`);
    expect(advice.affected).toContain('neither the token in AWSCURRENT nor the new one works');
    expect(commandsOf(advice).join()).not.toContain('--version-stage AWSCURRENT');
    expect(commandsOf(advice).slice(-2)).toEqual([DROP, ROTATE]);
  });

  it('lets the reader choose when the token is another than the secret says', () => {
    const advice = advise('PENDING_TOKEN_REJECTED', 'testSecret', {
      tokenId: '12',
      expectedTokenId: '11',
      currentVersionId: CURRENT,
    });

    expect(advice.happened).toContain('its id at GitLab is 12, and tokenId in the secret says 11');
    expect(commandsOf(advice)).toContain(
      `${PROMOTE} --remove-from-version-id ${CURRENT} --region eu-central-1`,
    );
    expect(commandsOf(advice).slice(-2)).toEqual([DROP, ROTATE]);
  });

  it.each([
    [{ userId: '9', expectedUserId: '3' }, '9, not 3'],
    [{ expectedUserId: '$(reboot)' }, 'another, not unknown'],
  ])("sends the reader for the right token when the answer held another user's", (given, users) => {
    const advice = advise('PENDING_TOKEN_REJECTED', 'createSecret', given);

    expect(advice.happened).toContain(`belongs to another user: ${users}.`);
    expect(advice.happened).toContain(`stored in version ${VERSION}`);
    expect(textOf(advice)).toContain('Never send the old token to a rotate endpoint');
    expect(commandsOf(advice).join()).not.toContain('--version-stage AWSCURRENT');
    expect(commandsOf(advice).slice(-2)).toEqual([DROP, ROTATE]);
  });

  it('tells of an id that is none without repeating it', () => {
    const advice = advise('PENDING_TOKEN_REJECTED', 'testSecret', {
      tokenId: 12,
      expectedTokenId: '$(reboot)',
    });

    expect(advice.happened).toContain('GitLab is 12, and tokenId in the secret says another');
    expect(JSON.stringify(advice)).not.toContain('reboot');
  });

  it('tells of a token without an id', () => {
    const { happened } = advise('PENDING_TOKEN_REJECTED', 'testSecret', { expectedTokenId: '11' });

    expect(happened).toContain('its id at GitLab is unknown');
  });
});
