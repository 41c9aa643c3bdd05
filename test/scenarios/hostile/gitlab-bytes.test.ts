import { describe, expect, it } from 'vitest';
import { startRig } from '../../rig/function/rig.ts';
import { bothSides, ROTATED, runAllSteps, UNTOUCHED } from '../both-sides.ts';
import { answerTo, LOST } from './hostile-gitlab.ts';
import { startTamperingProxy } from './tampering-proxy.ts';

const MEBIBYTE = 1024 * 1024;

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
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
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
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
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
