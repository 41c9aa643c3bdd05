import { describe, expect, it } from 'vitest';
import { BAD_DATE, json, ROUTE_404, SCOPE, UNAUTHORIZED } from '../expected.ts';
import { given } from '../given.ts';

const PATH = '/projects/1/access_tokens/self/rotate';

describe('the form of a rotate request', () => {
  it('row 20: needs neither body nor type', async () => {
    await using start = await given();

    const { answer } = await start.send('POST', PATH, { token: 'first' });

    expect(answer.status).toBe(200);
  });

  it.each(['null', '[1]', '"2027-01-02"'])('finds no parameters in %s', async (body) => {
    await using start = await given();

    const { answer } = await start.send('POST', PATH, {
      token: 'first',
      headers: { 'content-type': 'application/json' },
      body,
    });

    expect(answer).toMatchObject({ status: 200, body: { expires_at: '2026-11-29' } });
  });

  it.each(['', null])('row 22: takes %j for no date at all', async (expires_at) => {
    await using start = await given();

    const { answer } = await start.rotate('first', { expires_at });

    expect(answer).toMatchObject({ status: 200, body: { expires_at: '2026-11-29' } });
  });

  it('row 25: refuses what is no date', async () => {
    await using start = await given();

    const { answer } = await start.rotate('first', { expires_at: 'soon' });

    expect(answer).toEqual(BAD_DATE);
    expect((await start.probe('first')).answer.status).toBe(200);
  });

  it.each([
    ['12/31/2026'],
    ['tomorrow'],
    ['2026-02-30'],
    ['   '],
    [20261231],
    [true],
    [['2026-12-31']],
    [{ date: '2026-12-31' }],
  ])('row 26: refuses %j', async (expires_at) => {
    await using start = await given();

    const { answer } = await start.rotate('first', { expires_at });

    expect(answer).toEqual(BAD_DATE);
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('row 27: asks who it is before it reads the date', async () => {
    await using start = await given();

    const { answer } = await start.rotate('nobody', { expires_at: 'soon' });

    expect(answer).toEqual(UNAUTHORIZED);
  });

  it('row 28: asks for the scope before it reads the date', async () => {
    await using start = await given({ token: { scopes: ['read_api'] } });

    const { answer } = await start.rotate('first', { expires_at: 'soon' });

    expect(answer).toEqual(SCOPE);
  });

  it('row 29: refuses a body of another type', async () => {
    await using start = await given();

    const { answer } = await start.send('POST', PATH, {
      token: 'first',
      headers: { 'content-type': 'text/plain' },
      body: 'expires_at=2027-01-02',
    });

    expect(answer).toEqual(
      json(415, { error: "The provided content-type 'text/plain' is not supported." }),
    );
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('row 30: refuses malformed JSON', async () => {
    await using start = await given();

    const { answer } = await start.send('POST', PATH, {
      token: 'first',
      headers: { 'content-type': 'application/json' },
      body: '{"expires_at":',
    });

    expect(answer).toEqual(
      json(400, {
        error:
          "\nProblem:\n  message body does not match declared format\nResolution:\n  when specifying application/json as content-type, you must pass valid application/json in the request's 'body' ",
      }),
    );
    expect((await start.probe('first')).answer.status).toBe(200);
  });
});

describe('where the credential stands', () => {
  it('row 31: may be the Bearer of Authorization', async () => {
    await using start = await given();

    const { answer } = await start.send('POST', PATH, {
      headers: { authorization: 'Bearer first' },
    });

    expect(answer.status).toBe(200);
  });

  it('row 33: is not looked for in HTTP Basic', async () => {
    await using start = await given();
    const basic = Buffer.from('bot:first').toString('base64');

    const { answer } = await start.send('POST', PATH, {
      headers: { authorization: `Basic ${basic}` },
    });

    expect(answer).toEqual(UNAUTHORIZED);
    expect(start.alive('first')).toEqual({ first: true });
  });
});

describe('the path of a rotate request', () => {
  it.each(['GET', 'PUT'])('row 35: is nothing to %s', async (method) => {
    await using start = await given();

    const { answer } = await start.send(method, PATH, { token: 'first' });

    expect(answer).toEqual(ROUTE_404);
    expect((await start.probe('first')).answer.status).toBe(200);
  });

  it('row 36: is refused where the API has no such path', async () => {
    await using start = await given();

    const { answer } = await start.send('GET', '/no/such/path', { token: 'first' });

    expect(answer).toEqual(ROUTE_404);
  });
});
