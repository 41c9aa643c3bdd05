import { describe, expect, it } from 'vitest';
import { json, READ_ONLY } from '../expected.ts';
import { type Given, given, type Reply } from '../given.ts';

const MAINTENANCE = { retryAfterSeconds: 600 };
const DEFAULT_MESSAGE = json(503, { message: 'GitLab is undergoing maintenance' });

/** Every request that writes, as this project sends it. */
async function writes(start: Given): Promise<readonly Reply[]> {
  const headers = { 'content-type': 'application/json' };
  return [
    await start.rotate('first', {}),
    await start.rotatePersonal('first', {}),
    await start.rotateById('first', start.first.id, {}),
    await start.send('DELETE', '/personal_access_tokens/self', { token: 'first', headers }),
  ];
}

describe('a GitLab in maintenance mode', () => {
  it('writes nothing, says so, and when to come back', async () => {
    await using start = await given({ settings: { maintenance: MAINTENANCE } });

    for (const { answer, headers } of await writes(start)) {
      expect(answer).toEqual(DEFAULT_MESSAGE);
      expect(headers).toHaveProperty('retry-after', '600');
    }
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('says what its administrator has it say', async () => {
    const maintenance = { ...MAINTENANCE, message: 'Back at 06:00 UTC.' };
    await using start = await given({ settings: { maintenance } });

    const { answer } = await start.rotate('first', {});

    expect(answer).toEqual(json(503, { message: 'Back at 06:00 UTC.' }));
  });

  it('says so before it looks at the token, which reuse detection then spares', async () => {
    await using start = await given();
    await start.rotate('first');
    start.gitlab.settings.maintenance = MAINTENANCE;

    const { answer } = await start.rotate('first', {});

    expect(answer).toEqual(DEFAULT_MESSAGE);
    expect(start.alive('successor-1')).toEqual({ 'successor-1': true });
  });

  it('goes on reading', async () => {
    await using start = await given({ settings: { maintenance: MAINTENANCE } });

    const { answer } = await start.probe('first');

    expect(answer.status).toBe(200);
  });

  it('sends requests that are not JSON to a page', async () => {
    await using start = await given({ settings: { maintenance: MAINTENANCE } });

    for (const { answer, headers } of [await start.rotate('first'), await start.revoke('first')]) {
      expect(answer).toEqual({ status: 301, type: '', body: '' });
      expect(headers).toHaveProperty('location', `${start.gitlab.url}/`);
    }
  });

  it.each([
    ['18.1', READ_ONLY],
    ['18.2', DEFAULT_MESSAGE],
  ])('answers as version %s did', async (version, expected) => {
    await using start = await given({ settings: { version, maintenance: MAINTENANCE } });

    const { answer } = await start.rotate('first', {});

    expect(answer).toEqual(expected);
  });
});
