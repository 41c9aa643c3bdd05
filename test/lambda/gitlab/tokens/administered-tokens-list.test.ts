import { afterEach, describe, expect, it, vi } from 'vitest';
import { json } from '../../../rig/scripted/scripted-gitlab.ts';
import { ENDS, given, LISTED, PROJECT, READ, TIMEOUT_MS, unreachable } from './administered-rig.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('listing the active tokens', () => {
  it('reads page after page, as GitLab names them', async () => {
    await using gitlab = await given(
      json(200, [LISTED], { 'x-next-page': '2' }),
      json(200, [{ ...LISTED, id: 5 }, null, { id: 6 }], { 'x-next-page': '10' }),
      json(200, [{ ...LISTED, id: 8 }], {
        'x-next-page': '',
        'x-request-id': '01JDF3Q8ZQ0000000000000003',
      }),
    );

    const listing = await gitlab.administered.listActive('maintainer', PROJECT, TIMEOUT_MS);

    expect(listing).toStrictEqual({
      kind: 'listed',
      tokens: [READ, { ...READ, tokenId: '5' }, { ...READ, tokenId: '8' }],
      status: 200,
      requestId: '01JDF3Q8ZQ0000000000000003',
    });
    expect(gitlab.requests.map(({ query }) => query.get('page'))).toEqual(['1', '2', '10']);
  });

  it('is not taken for whole where the next page is not known', async () => {
    await using gitlab = await given(json(200, [LISTED], { 'x-next-page': 'two' }));

    expect(await gitlab.administered.listActive('maintainer', PROJECT, TIMEOUT_MS)).toStrictEqual({
      kind: 'unreachable',
      reason: 'UNEXPECTED_ANSWER',
      status: 200,
    });
    expect(gitlab.requests).toHaveLength(1);
  });

  it('goes on after a full page of which no header says what follows', async () => {
    const full = Array.from({ length: 100 }, (_, n) => ({ ...LISTED, id: n + 1 }));
    await using gitlab = await given(json(200, full), json(200, [LISTED]));

    const listing = await gitlab.administered.listActive('maintainer', PROJECT, TIMEOUT_MS);

    expect(listing).toMatchObject({ kind: 'listed', tokens: { length: 101 } });
    expect(gitlab.requests.map(({ query }) => query.get('page'))).toEqual(['1', '2']);
  });

  it('gives up a list that has no end', async () => {
    const page = json(200, [LISTED], { 'x-next-page': '1' });
    await using gitlab = await given(...Array.from({ length: 12 }, () => page));

    expect(await gitlab.administered.listActive('maintainer', PROJECT, TIMEOUT_MS)).toStrictEqual({
      kind: 'unreachable',
      reason: 'TOO_MANY_PAGES',
    });
    expect(gitlab.requests).toHaveLength(10);
  });

  it.each(ENDS)('ends when %s, on a later page too', async (_when, answer, end) => {
    await using gitlab = await given(json(200, [LISTED], { 'x-next-page': '2' }), answer);

    const listing = await gitlab.administered.listActive('maintainer', PROJECT, TIMEOUT_MS);

    expect(listing).toMatchObject(end);
    expect(listing).not.toHaveProperty('tokens');
    expect(gitlab.requests).toHaveLength(2);
  });

  it('has one time-out for all pages', async () => {
    const page = json(200, [LISTED], { 'x-next-page': '1' });
    await using gitlab = await given(page, page, page, page);
    gitlab.faults.add({ operation: '*', at: 'after', nth: 4, effect: { kind: 'hang' } });
    const timeouts = vi.spyOn(AbortSignal, 'timeout');
    vi.spyOn(performance, 'now').mockImplementation(() => gitlab.requests.length * 400);

    const listing = await gitlab.administered.listActive('maintainer', PROJECT, 1_000);

    expect(listing).toMatchObject({ kind: 'unreachable', reason: 'TimeoutError' });
    expect(timeouts.mock.calls).toEqual([[1_000], [600], [200], [0]]);
  });

  it('ends when a page is cut, and does not ask again', async () => {
    await using gitlab = await given(json(200, [LISTED]));
    gitlab.faults.add({ operation: '*', at: 'after', effect: { kind: 'cut' } });

    const listing = await gitlab.administered.listActive('maintainer', PROJECT, TIMEOUT_MS);

    expect(listing).toMatchObject({ kind: 'unreachable', status: 200 });
    expect(gitlab.requests).toHaveLength(1);
  });

  it('ends when GitLab cannot be reached', async () => {
    const administered = await unreachable();

    expect(await administered.listActive('maintainer', PROJECT, TIMEOUT_MS)).toStrictEqual({
      kind: 'unreachable',
      reason: 'ECONNREFUSED',
    });
  });
});
