import { describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../../rig/function/rig.ts';
import { startScript } from '../../rig/scripted/scripted-gitlab.ts';
import { bothSides, ROTATED, runAllSteps, UNTOUCHED } from '../both-sides.ts';

const LARGEST_SECRET = 65_536;

function textUnder(label: string, { secretsManager, secretId }: Rig): string | undefined {
  return secretsManager.valueOf(secretId, label);
}

function startWith(secretString: string): Promise<Rig> {
  return startRig({ secretString: () => secretString });
}

describe('a secret whose gitlabUrl points elsewhere', () => {
  it.each([
    ['another origin', (url: string) => `{"token":"first","gitlabUrl":"${url}"}`],
    ['an escaped key', (url: string) => `{"token":"first","gitlab\\u0055rl":"${url}"}`],
    [
      'as user name',
      (url: string) => `{"token":"first","gitlabUrl":"http://127.0.0.1@${url.slice(7)}"}`,
    ],
    ['twice', (url: string) => `{"token":"first","gitlabUrl":null,"gitlabUrl":"${url}"}`],
  ])('sends its token nowhere: %s', async (_what, secretFor) => {
    const { standIn: elsewhere, requests } = await startScript([]);
    await using _ = elsewhere;
    await using rig = await startWith(secretFor(elsewhere.url));

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'SECRET_MALFORMED' });
    await expect(rig.dryRun()).rejects.toMatchObject({ code: 'SECRET_MALFORMED' });

    expect(requests).toEqual([]);
    expect(rig.gitlab.calls).toEqual([]);
    expect(bothSides(rig)).toEqual(UNTOUCHED);
  });
});

describe('a secret with very much beside the token', () => {
  /** As large as a secret may be that can still take any successor. */
  const largest = (() => {
    const growth = 2 * 512 - 'first'.length + ',"tokenId":"12345678901234567890"'.length;
    const frame = '{"token":"first","more":""}'.length;
    return `{"token":"first","more":"${'x'.repeat(LARGEST_SECRET - growth - frame)}"}`;
  })();

  it('is rotated up to the limit, through every step, and passes the dry run after it', async () => {
    await using rig = await startWith(largest);

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
    expect(textUnder('AWSCURRENT', rig)).toBe(
      largest.replace('"first"', `"successor-1","tokenId":"${rig.gitlab.tokens.at(-1)?.id}"`),
    );
    await rig.dryRun();
  });

  it('is refused one byte above it, before anything is rotated, by the dry run too', async () => {
    await using rig = await startWith(largest.replace('x', 'xx'));

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'SECRET_MALFORMED' });
    await expect(rig.dryRun()).rejects.toMatchObject({ code: 'SECRET_MALFORMED' });

    expect(rig.gitlab.calls).toEqual([]);
    expect(bothSides(rig)).toEqual(UNTOUCHED);
  });

  it.each([
    ['thousands of members', (n: number) => `"k${n}":${n}`, 4_000],
    ['the same key thousands of times', () => '"k":"\\"\\\\"', 4_000],
    ['characters of several bytes', () => '"ключ":"€"', 3_000],
  ])('keeps %s, byte for byte', async (_what, member, count) => {
    const more = Array.from({ length: count }, (_, n) => member(n)).join(', ');
    await using rig = await startWith(`{"token":"first", "tokenId":"1",${more}}`);

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
    expect(textUnder('AWSCURRENT', rig)).toBe(
      `{"token":"successor-1", "tokenId":"${rig.gitlab.tokens.at(-1)?.id}",${more}}`,
    );
  });

  it('keeps what is nested as deeply as there is room', async () => {
    const depth = 31_000;
    const more = `"deep":${'['.repeat(depth)}${']'.repeat(depth)}`;
    await using rig = await startWith(`{"token":"first","tokenId":"1",${more}}`);

    await runAllSteps(rig);

    expect(bothSides(rig).current).toEqual(ROTATED.current);
    expect(textUnder('AWSCURRENT', rig)?.endsWith(more.concat('}'))).toBe(true);
  });
});

describe('a secret with duplicate keys', () => {
  it('of its own is rotated, and keeps them as they are', async () => {
    await using rig = await startWith('{"a":1,"token":"first","a":{"token":"x","token":"y"}}');

    await runAllSteps(rig);

    const id = rig.gitlab.tokens.at(-1)?.id;
    expect(bothSides(rig)).toEqual(ROTATED);
    expect(textUnder('AWSCURRENT', rig)).toBe(
      `{"a":1,"token":"successor-1","tokenId":"${id}","a":{"token":"x","token":"y"}}`,
    );
  });

  it.each([
    '{"token":"other","token":"first"}',
    '{"token":"first","tok\\u0065n":"first"}',
    '{"token":"first","tokenId":"1","tokenId":"1"}',
    '{"token":"first","projectId":1,"projectId":2}',
  ])('of ours is refused, since consumers may read either: %s', async (secretString) => {
    await using rig = await startWith(secretString);

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'SECRET_MALFORMED' });

    expect(rig.gitlab.calls).toEqual([]);
    expect(bothSides(rig)).toMatchObject({ rotateRequests: [], deadTokens: 0 });
    expect(rig.gitlab.isActive('first')).toBe(true);
  });
});

describe('a secret with a byte order mark', () => {
  it('before its JSON is rotated, and keeps it', async () => {
    await using rig = await startWith('\uFEFF{"token":"first","tokenId":"1"}');

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
    const id = rig.gitlab.tokens.at(-1)?.id;
    expect(textUnder('AWSCURRENT', rig)).toBe(`\uFEFF{"token":"successor-1","tokenId":"${id}"}`);
  });

  it('before its bare token is rotated, and sheds it', async () => {
    await using rig = await startWith('\uFEFFfirst\r\n');

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
    expect(textUnder('AWSCURRENT', rig)).toBe('successor-1');
  });
});

describe('a secret that is JSON, but no object', () => {
  it.each(['"first"', '["first"]', "'first'", '{"token":"\\"first\\""}', 'null'])(
    'is refused at once, without a word to GitLab: %s',
    async (secretString) => {
      await using rig = await startWith(secretString);

      await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'SECRET_MALFORMED' });
      await expect(rig.dryRun()).rejects.toMatchObject({ code: 'SECRET_MALFORMED' });

      expect(rig.gitlab.calls).toEqual([]);
      expect(rig.clock.pauses).toEqual([]);
      expect(textUnder('AWSCURRENT', rig)).toBe(secretString);
    },
  );
});

describe('a secret with numbers for ids', () => {
  it.each([
    ['a project', '"tokenId":1,"projectId":1', (id: number) => `"tokenId":"${id}","projectId":1`],
    [
      'as a computer writes them',
      '"tokenId":1.0,"projectId":1e0',
      (id: number) => `"tokenId":"${id}","projectId":1e0`,
    ],
  ])('is rotated, and its tokenId becomes a text: %s', async (_what, members, stored) => {
    await using rig = await startWith(`{"token":"first",${members}}`);

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
    const id = rig.gitlab.tokens.at(-1)?.id ?? 0;
    expect(textUnder('AWSCURRENT', rig)).toBe(`{"token":"successor-1",${stored(id)}}`);
  });

  it.each([
    '"projectId":1.5',
    '"projectId":-1',
    '"groupId":1e300',
    '"tokenId":0.1',
    '"tokenId":{"toString":1}',
  ])('that are none is refused without a word to GitLab: %s', async (member) => {
    await using rig = await startWith(`{"token":"first",${member}}`);

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'SECRET_MALFORMED' });

    expect(rig.gitlab.calls).toEqual([]);
    expect(bothSides(rig)).toEqual(UNTOUCHED);
  });
});
