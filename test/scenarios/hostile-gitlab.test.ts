import { describe, expect, it } from 'vitest';
import { redirectTo } from '../../infra/local/gitlab/fault-answers.ts';
import type { Answer } from '../../infra/local/stand-in.ts';
import { json, startScript } from '../lambda/gitlab/scripted-gitlab.ts';
import { type Rig, startRig } from '../rig.ts';
import { bothSides, ROTATED, runAllSteps, UNTOUCHED } from './both-sides.ts';
import { startTamperingProxy } from './tampering-proxy.ts';

const MEBIBYTE = 1024 * 1024;

/** GitLab rotated, and what it said of it is of no use. */
const LOST = {
  current: { token: 'first', alive: false },
  rotateRequests: [200],
  deadTokens: 0,
};

function answerTo(rig: Rig, operation: string, answer: Answer, at: 'before' | 'after' = 'after') {
  rig.gitlab.faults.add({ operation, at, times: 1000, effect: { kind: 'answer', answer } });
}

describe('a GitLab that answers the rotation with 200 and the wrong shape', () => {
  it.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[{"token":"successor-1"}]'],
    ['the bare token', '"successor-1"'],
    ['an envelope', '{"data":{"id":2,"token":"successor-1"}}'],
    ['another name', '{"id":2,"access_token":"successor-1"}'],
    ['a token in a list', '{"id":2,"token":["successor-1"]}'],
    ['a token with a line break', '{"id":2,"token":"successor-1\\r\\nX-Second: 1"}'],
    ['a token longer than any', `{"id":2,"token":"${'x'.repeat(513)}"}`],
    ['an empty token', '{"id":2,"token":""}'],
    ['a script before it', ')]}\',\n{"token":"successor-1"}'],
  ])('has lost the successor, which is left alive: %s', async (_what, body) => {
    await using rig = await startRig();
    answerTo(rig, 'rotate', { status: 200, body });

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });
    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

    expect(bothSides(rig)).toEqual(LOST);
    expect(rig.gitlab.isAlive('successor-1')).toBe(true);
  });

  it('keeps a token that can be used, whatever stands around it', async () => {
    await using rig = await startRig();
    const body = { token: 'successor-1', id: {}, user_id: [], expires_at: 'x', scopes: { a: 1 } };
    answerTo(rig, 'rotate', json(200, body));

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
  });
});

describe('a GitLab that answers the probe with 200 and the wrong shape', () => {
  it.each(['', '[]', '{}', '{"id":"1","scopes":["api"]}', '{"id":1,"scopes":"api"}', '"alive"'])(
    'is asked for no rotation: %j',
    async (body) => {
      await using rig = await startRig();
      answerTo(rig, 'probe', { status: 200, body });

      await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'GITLAB_UNREACHABLE' });

      expect(bothSides(rig)).toEqual(UNTOUCHED);
    },
  );
});

describe('a GitLab that calls a dead token alive', () => {
  it('and in the same breath revoked, is asked for no rotation: its successor lives', async () => {
    await using rig = await startRig();
    answerTo(rig, 'probe', json(200, { id: 1, scopes: ['self_rotate'], revoked: true }), 'before');
    await rotateByHand(rig);

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'GITLAB_UNREACHABLE' });

    expect(bothSides(rig)).toEqual(LOST);
    expect(rig.gitlab.isAlive('successor-1')).toBe(true);
  });
});

describe("a GitLab that answers with another user's token", () => {
  async function startConfused(told: (other: { id: number; userId: number }) => object) {
    const rig = await startRig();
    const { gitlab, project: resource } = rig;
    const other = gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'other' });
    answerTo(rig, 'rotate', json(200, { ...told(other), token: 'other' }));
    return rig;
  }
  const STORED = {
    current: { token: 'first', alive: false },
    pending: { token: 'other', alive: true },
    rotateRequests: [200],
    deadTokens: 0,
  };

  it('and says so: it is stored, told of at once, and never becomes current', async () => {
    await using rig = await startConfused(({ id, userId }) => ({ id, user_id: userId }));

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { expectedUserId: '1', userId: '2' },
    });
    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { expectedTokenId: '1', tokenId: '2' },
    });

    expect(bothSides(rig)).toEqual(STORED);
    expect(rig.gitlab.isAlive('successor-1')).toBe(true);
  });

  it('under the id of ours: it is stored, and testSecret refuses it', async () => {
    await using rig = await startConfused(() => ({ id: 3, user_id: 1 }));

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { expectedTokenId: '3', tokenId: '2' },
    });

    expect(bothSides(rig)).toEqual(STORED);
  });
});

describe('a GitLab that answers with a token that is expired', () => {
  it('has it stored, since it may be wrong about it, and refused since it is not', async () => {
    await using rig = await startRig();
    const { gitlab, project: resource } = rig;
    const [expiresAt = ''] = new Date(rig.clock.now().getTime()).toISOString().split('T');
    const { id } = gitlab.createAccessToken({ resource, scopes: ['api'], value: 'old', expiresAt });
    const body = { id, user_id: 1, token: 'old', expires_at: expiresAt, active: false };
    answerTo(rig, 'rotate', json(200, body));

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { reason: 'expired' },
    });

    expect(bothSides(rig)).toEqual({ ...LOST, pending: { token: 'old', alive: false } });
  });
});

describe('a GitLab that answers with the old token', () => {
  const body = { id: 1, user_id: 1, token: 'first', expires_at: '2099-01-01' };

  it('and has rotated: the successor is lost, and the dead token not stored again', async () => {
    await using rig = await startRig();
    answerTo(rig, 'rotate', json(200, body));

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });

    expect(bothSides(rig)).toEqual(LOST);
    expect(rig.gitlab.isAlive('successor-1')).toBe(true);
  });

  it('and has not: nothing is stored, and nobody is told that it was rotated', async () => {
    await using rig = await startRig();
    answerTo(rig, 'rotate', json(200, body), 'before');

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'ROTATION_OUTCOME_UNKNOWN' });

    expect(bothSides(rig)).toEqual({ ...UNTOUCHED, rotateRequests: [200] });
  });
});

describe('a GitLab that sends megabytes', () => {
  it('about the token is not read to the end, and asked for no rotation', async () => {
    await using rig = await startRig();
    answerTo(rig, 'probe', { status: 200, body: ' '.repeat(8 * MEBIBYTE) });

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'GITLAB_UNREACHABLE',
      details: { reason: 'BODY_TOO_LARGE' },
    });

    expect(bothSides(rig)).toEqual(UNTOUCHED);
  });

  it('around the successor loses it, and kills nothing', async () => {
    await using rig = await startRig();
    const body = `{"token":"successor-1","more":"${'x'.repeat(8 * MEBIBYTE)}"}`;
    answerTo(rig, 'rotate', { status: 200, body });

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });

    expect(bothSides(rig)).toEqual(LOST);
    expect(rig.gitlab.isAlive('successor-1')).toBe(true);
  });
});

describe('a GitLab behind something that tampers with its answer', () => {
  it('lets it drip for longer than there is time: the successor is lost, not killed', async () => {
    await using rig = await startRig();
    await using _ = await startTamperingProxy(rig, (response, body) => {
      response.writeHead(200, { 'content-length': body.length });
      let sent = 0;
      const drip = setInterval(() => {
        sent += 1;
        response.write(body.subarray(sent - 1, sent));
      }, 20);
      response.once('close', () => clearInterval(drip));
    });

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'SUCCESSOR_LOST',
      details: { status: 200 },
    });

    expect(bothSides(rig)).toEqual(LOST);
    expect(rig.gitlab.isAlive('successor-1')).toBe(true);
  });

  it('breaks the UTF-8 beside the token: the token is kept', async () => {
    await using rig = await startRig();
    await using _ = await startTamperingProxy(rig, (response, body) => {
      response.end(
        Buffer.from(body.toString().replace('publish', 'ver\u00f6ffentlichen'), 'latin1'),
      );
    });

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
  });

  it('breaks the UTF-8 of the token itself: nothing that is no token is stored', async () => {
    await using rig = await startRig();
    await using _ = await startTamperingProxy(rig, (response, body) => {
      response.end(Buffer.from(body.toString().replace('successor', 'succ\u00e9ssor'), 'latin1'));
    });

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });

    expect(bothSides(rig)).toEqual(LOST);
  });

  it('puts a byte order mark before it: the token is kept', async () => {
    await using rig = await startRig();
    await using _ = await startTamperingProxy(rig, (response, body) => {
      response.end(Buffer.concat([Buffer.from('\uFEFF'), body]));
    });

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
  });
});

describe('a GitLab that redirects to another origin', () => {
  const STATUSES = [301, 302, 303, 307, 308];

  /** A server elsewhere, and an answer that leads there. */
  async function startElsewhere(status: number) {
    const { standIn, requests } = await startScript([]);
    const location = `${standIn.url}/api/v4/personal_access_tokens/self`;
    return { standIn, requests, answer: { ...redirectTo(location), status } };
  }

  it.each(STATUSES)('with %i, when probed: no token travels, none is rotated', async (status) => {
    await using rig = await startRig();
    const { standIn, requests, answer } = await startElsewhere(status);
    await using _ = standIn;
    answerTo(rig, 'probe', answer);

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'GITLAB_UNREACHABLE',
      details: { status },
    });

    expect(requests).toEqual([]);
    expect(bothSides(rig)).toEqual(UNTOUCHED);
  });

  it.each(STATUSES)('with %i instead of rotating: no token travels', async (status) => {
    await using rig = await startRig();
    const { standIn, requests, answer } = await startElsewhere(status);
    await using _ = standIn;
    answerTo(rig, 'rotate', answer, 'before');

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'ROTATION_OUTCOME_UNKNOWN' });

    expect(requests).toEqual([]);
    expect(bothSides(rig)).toEqual({ ...UNTOUCHED, rotateRequests: [status] });
  });

  it.each(STATUSES)('with %i after it rotated: no token travels, old or new', async (status) => {
    await using rig = await startRig();
    const { standIn, requests, answer } = await startElsewhere(status);
    await using _ = standIn;
    answerTo(rig, 'rotate', answer);

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });

    expect(requests).toEqual([]);
    expect(bothSides(rig)).toEqual({ ...LOST, rotateRequests: [status] });
  });
});

describe('a GitLab that asks for an absurd pause', () => {
  it.each(['9'.repeat(400), '86400', 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'is not waited for, and the token is alive: Retry-After %s',
    async (pause) => {
      await using rig = await startRig();
      const headers = { 'retry-after': pause };
      answerTo(rig, 'rotate', { status: 429, headers, body: 'Retry later\n' }, 'before');

      await expect(runAllSteps(rig)).rejects.toMatchObject({
        code: 'GITLAB_RATE_LIMITED',
        details: { retryAfterSeconds: 86_400 },
      });

      expect(rig.clock.pauses).toEqual([]);
      expect(bothSides(rig)).toEqual({ ...UNTOUCHED, rotateRequests: [429] });
    },
  );

  it.each(['0', 'Thu, 01 Jan 1970 00:00:00 GMT', '-1', 'soon'])(
    'is asked with growing pauses, never at once: Retry-After %s',
    async (pause) => {
      await using rig = await startRig();
      const headers = { 'retry-after': pause };
      answerTo(rig, 'rotate', { status: 429, headers, body: 'Retry later\n' }, 'before');

      await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'GITLAB_RATE_LIMITED' });

      expect(rig.clock.pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000]);
      expect(bothSides(rig)).toMatchObject({ current: UNTOUCHED.current, deadTokens: 0 });
    },
  );
});

/** Somebody else rotates the token that the secret holds, at GitLab. */
async function rotateByHand({ gitlab }: Rig): Promise<void> {
  await fetch(`${gitlab.url}/api/v4/personal_access_tokens/self/rotate`, {
    method: 'POST',
    headers: { authorization: 'Bearer first' },
  });
}
