import { describe, expect, it } from 'vitest';
import { renderAlert } from '../../../../lambda/alerts/alert.ts';
import { RotationError } from '../../../../lambda/failure.ts';
import { parseListedToken } from '../../../../lambda/gitlab/parse-json.ts';

const TOKEN = 'glpat-abcdefghijklmnopqrst';
const TIME = '2026-11-22T09:03:36.008Z';

/** The alert about tokens with these names, as GitLab lists them. */
function alertAbout(...names: readonly string[]) {
  const candidates = names.map((name, index) => {
    const token = parseListedToken({ id: index + 1, user_id: 3, name, created_at: TIME });
    return `${token?.tokenId} "${token?.name}" ${token?.createdAt}`;
  });
  const details = { recovery: 'several-candidates', candidates };
  const { message } = renderAlert({
    step: 'createSecret',
    failure: new RotationError('SUCCESSOR_LOST', 'the answer was lost', { details }),
  });
  const { default: chat, email } = JSON.parse(message) as Record<'default' | 'email', string>;
  return { chat, email };
}

describe('the candidates for a lost token', () => {
  it('are told by id, name and time, in mail and chat', () => {
    const { chat, email } = alertAbout('publish', 'npm publish');

    expect(email).toContain(`1 "publish" ${TIME}, 2 "npm publish" ${TIME}`);
    const { content, metadata } = JSON.parse(chat);
    expect(content.description).toContain(`candidates: \`1 "publish" ${TIME}, 2 "npm publish"`);
    expect(metadata.additionalContext.candidates).toContain(`1 "publish" ${TIME}`);
  });

  it('bring no line, no colour and no hidden character along', () => {
    const { chat, email } = alertAbout('a\nRISK: none\u001b[31m\u202e', 'b\u2028c\u0000');

    expect(email).toContain(`1 "a RISK: none [31m" ${TIME}, 2 "b c" ${TIME}`);
    expect(`${email}${JSON.parse(chat).content.description}`).not.toMatch(
      /[^\P{C}\n]|\p{Zl}|\p{Zp}/u,
    );
  });

  it('call nobody, link nowhere, and end no quotation in a chat', () => {
    const { chat } = alertAbout('<!channel> `x`', '<@U1>');

    expect(chat).not.toContain('<');
    expect(JSON.parse(chat).content.description).toContain(
      `candidates: \`1 "‹!channel> 'x'" ${TIME}, 2 "‹@U1>" ${TIME}\``,
    );
  });

  it('are told only as far as one line of an alert goes', () => {
    const { email } = alertAbout(...Array.from({ length: 40 }, () => 'ten chars '.repeat(30)));

    const line = email.split('\n').find((each) => each.startsWith('candidates')) ?? '';
    expect(line.length).toBeLessThan(600);
    expect(line.endsWith('…')).toBe(true);
  });

  it.each([TOKEN, `old ${TOKEN}`, `${TOKEN}\u200b${TOKEN}`, `"${TOKEN}"`])(
    'never hold a token that somebody wrote into a name: %j',
    (name) => {
      const { chat, email } = alertAbout(name);

      expect(`${chat}${email}`).not.toContain(TOKEN.slice(0, 10));
    },
  );
});
