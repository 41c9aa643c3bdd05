import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSecret } from '../../../lambda/secret/secret-value.ts';
import { withSuccessor } from '../../../lambda/secret/successor-value.ts';
import { isToken } from '../../../lambda/secret/token-text.ts';
import { anyText } from '../../rig/any-text.ts';

const settings = {
  gitlabUrl: 'https://gitlab.example.com',
  tokenField: 'token',
  lifetimeDays: 90,
};
const LARGEST_SECRET = 65_536;

/** What GitLab's tokens are made of. */
const CHARACTERS = 'ABCXYZabcxyz0189_+=/@:.-';
const token = fc.string({
  unit: fc.constantFrom(...CHARACTERS),
  minLength: 1,
  maxLength: 512,
});
const NAMED = ['token', 'tokenId', 'gitlabUrl', 'projectId', 'groupId', 'standby', '__proto__'];
const oddValue = fc.oneof(
  fc.json(),
  fc.constantFrom('{"toString":1}', '[{"valueOf":null}]', '1e2', '-0', '12345678901234567890'),
  fc.constantFrom('"first"', '7', '"7"', '"group/app"', '"https://gitlab.example.com"'),
);
/** JSON as somebody may have put it: any order, any members, some of them twice. */
const jsonSecret = fc
  .tuple(
    fc.array(fc.tuple(fc.oneof(fc.constantFrom(...NAMED), fc.string()), oddValue)),
    fc.constantFrom('', ' ', '\n\t', '\uFEFF'),
  )
  .map(([members, space]) => {
    const texts = members.map(([key, value]) => `${JSON.stringify(key)}${space.trim()}:${value}`);
    return `${space}{${texts.join(',')}}${space}`;
  });
/** The same with a token that can be read, so that more of them pass. */
const likelySecret = fc
  .tuple(token, fc.array(fc.tuple(fc.string(), oddValue)), fc.constantFrom('', '"tokenId":7,'))
  .map(([held, members, id]) => {
    const more = members.map(([key, value]) => `,${JSON.stringify(`x${key}`)}:${value}`);
    return `{${id}"token":${JSON.stringify(held)}${more.join('')}}`;
  });
const secret = fc.oneof(anyText(), token, jsonSecret, likelySecret);

describe('any secret', () => {
  it('is read, or refused as SECRET_MALFORMED', () => {
    fc.assert(
      fc.property(secret, (secretString) => {
        const held = read(secretString)?.token ?? 'none';

        expect(isToken(held)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('that is accepted can take any successor, and is accepted again with it', () => {
    const tokenId = fc.option(fc.bigInt({ min: 1n, max: 2n ** 63n }).map(String));
    fc.assert(
      fc.property(secret, token, tokenId, (secretString, next, id) => {
        if (read(secretString) === undefined) {
          return;
        }
        const successor = { token: `t${next}`.slice(0, 512), ...(id !== null && { tokenId: id }) };

        const stored = withSuccessor(secretString, 'token', successor);

        expect(parseSecret(stored, settings)).toMatchObject({ token: successor.token });
        expect(Buffer.byteLength(stored)).toBeLessThanOrEqual(LARGEST_SECRET);
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds no character that no token of GitLab has', () => {
    const odd = fc.constantFrom(...`"'\`\\<>(){}[]$,;*`);
    fc.assert(
      fc.property(token, odd, token, (before, character, after) => {
        const text = `${before}${character}${after}`;

        expect(read(text)).toBeUndefined();
        expect(read(JSON.stringify({ token: text }))).toBeUndefined();
      }),
    );
  });

  it('can send its token to no other GitLab, however it spells the address', () => {
    const host = settings.gitlabUrl.slice('https://'.length);
    const url = fc.oneof(
      fc.webUrl(),
      fc.webUrl().map((other) => other.replace('://', `://${host}@`)),
      fc.webPath().map((path) => `${settings.gitlabUrl}${path}`),
      fc.string().map((text) => `${settings.gitlabUrl}${text}`),
      fc.string().map((text) => `https://${text}${host}`),
    );
    fc.assert(
      fc.property(url, (gitlabUrl) => {
        const accepted = read(JSON.stringify({ token: 'first', gitlabUrl })) !== undefined;

        const same =
          URL.canParse(gitlabUrl) &&
          /^https:\/\/gitlab\.example\.com\/*$/.test(new URL(gitlabUrl).href);
        expect(accepted).toBe(same);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** What was read; undefined when it was refused in the one way that is allowed. */
function read(secretString: string) {
  try {
    return parseSecret(secretString, settings);
  } catch (error) {
    expect(error).toMatchObject({ name: 'RotationError', code: 'SECRET_MALFORMED' });
    return undefined;
  }
}
