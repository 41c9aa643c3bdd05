import { describe, expect, it } from 'vitest';
import { badGateway, nginxPage } from '../../../infra/local/gitlab/api/fault-answers.ts';
import type { Answer } from '../../../infra/local/server/wire.ts';
import { type Rig, startRig } from '../../rig/function/rig.ts';
import { beforeRotating, onRotate } from '../../rig/function/rotate-faults.ts';
import { badRequest, GRANULAR, PROJECT_404, ROUTE_404 } from '../../rig/scripted/gitlab-answers.ts';

function operations({ gitlab }: Rig): readonly string[] {
  return gitlab.calls.map(({ operation }) => operation);
}

describe('when GitLab refuses', () => {
  it.each([
    ['read-only', (rig: Rig) => Object.assign(rig.gitlab.settings, { readOnly: true })],
    ['not-a-member', (rig: Rig) => rig.gitlab.addProject({ path: 'public', visibility: 'public' })],
    ['project-not-found', (rig: Rig) => rig.gitlab.addProject({ path: 'private/other' })],
  ])('says that it is for %s, and leaves the token alone', async (refusal, arrange) => {
    await using rig = await startRig({
      secretString: () =>
        JSON.stringify({ token: 'first', projectId: refusal === 'read-only' ? 1 : 2 }),
    });
    arrange(rig);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal },
    });

    expect(rig.gitlab.isActive('first')).toBe(true);
    expect(rig.gitlab.rotateRequests).toHaveLength(1);
    // GitLab's own word needs no proof.
    expect(rig.gitlab.calls.findLast(({ operation }) => operation !== 'version')).toMatchObject({
      operation: 'rotate',
    });
  });

  it('leaves the outcome unknown where the probe after it breaks', async () => {
    await using rig = await startRig();
    const { tokens } = rig.services;
    tokens.rotate = async () => {
      tokens.probe = async () => {
        throw new TypeError();
      };
      return { kind: 'perhaps-raced' };
    };

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_OUTCOME_UNKNOWN',
      details: {},
    });
  });

  it('believes the rotate endpoint that the scope is missing, whatever the probe said', async () => {
    await using rig = await startRig();
    const body = JSON.stringify({ error: 'insufficient_scope', scope: 'api self_rotate' });
    onRotate(rig, 'before', {
      kind: 'answer',
      answer: { status: 403, headers: { 'content-type': 'application/json' }, body },
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
  });

  it('makes sure that a refusal which is not of GitLab’s changed nothing', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', { kind: 'answer', answer: nginxPage(413) });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'intercepted', status: 413 },
    });

    expect(operations(rig)).toEqual(['probe', 'probe', 'rotate', 'probe']);
  });

  it.each([
    [408, '{"message":"Request Timeout"}'],
    [499, '{"error":"client closed request"}'],
    [422, '{"message":"no"}'],
  ])('takes a %i, which GitLab does not send, for no refusal at all', async (status, body) => {
    await using rig = await startRig();
    onRotate(rig, 'after', { kind: 'answer', answer: { status, body } });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });

  it.each([
    [401, '{"error":"invalid_dpop_proof"}'],
    [403, '{"message":"403 Forbidden by something else"}'],
  ])('makes sure of a %i in words that GitLab may not have said', async (status, body) => {
    await using rig = await startRig();
    onRotate(rig, 'after', { kind: 'answer', answer: { status, body } });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });
  });

  it('does not take such a refusal at its word when the token is dead after it', async () => {
    await using rig = await startRig();
    onRotate(rig, 'after', { kind: 'answer', answer: nginxPage(414) });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it('leaves the outcome unknown when GitLab cannot be asked after such a refusal', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', {
      kind: 'run',
      run: () => {
        rig.gitlab.faults.add({
          operation: 'probe',
          at: 'before',
          times: 100,
          effect: { kind: 'answer', answer: badGateway() },
        });
      },
    });
    onRotate(rig, 'after', { kind: 'answer', answer: nginxPage(414) });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_OUTCOME_UNKNOWN',
      details: { status: 414 },
      cause: { code: 'GITLAB_UNREACHABLE' },
    });
  });

  it('refuses when GitLab could not revoke the old token', async () => {
    await using rig = await startRig();
    rig.gitlab.settings.revokingFails = true;

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'other' },
    });

    expect(rig.gitlab.isActive('first')).toBe(true);
  });
});

describe('a rotate request that is refused', () => {
  it.each<[string, Answer, object]>([
    [
      'for lack of a permission, which is named',
      GRANULAR,
      { refusal: 'permission-missing', permission: 'Personal Access Token: Read', status: 403 },
    ],
    ['since its route is not known', ROUTE_404, { refusal: 'path-decoded', status: 404 }],
    ['since its path is not found', PROJECT_404, { refusal: 'path-not-found', status: 404 }],
  ])('%s, is so by GitLab itself: no proof, no question', async (_what, answer, details) => {
    await using rig = await startRig({
      secretString: () => JSON.stringify({ token: 'first', projectId: 'group/app' }),
    });
    onRotate(rig, 'before', { kind: 'answer', answer });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details,
    });

    expect(operations(rig)).toEqual(['probe', 'probe', 'rotate']);
  });

  const LEGACY = badRequest(
    'Rotation of legacy personal access tokens is disabled. Use a fine-grained token instead.',
  );

  it('as one of a legacy token, is so when a probe has found the token active', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', { kind: 'answer', answer: LEGACY });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'legacy-token', status: 400 },
    });

    expect(operations(rig)).toEqual(['probe', 'probe', 'rotate', 'probe']);
  });

  it('as one of a legacy token, is not believed when the token is dead after it', async () => {
    await using rig = await startRig();
    onRotate(rig, 'after', { kind: 'answer', answer: LEGACY });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });
  });
});

describe('when the token dies between probe and request', () => {
  it.each([
    ['revoked', (rig: Rig) => rig.gitlab.revoke(rig.firstTokenId)],
    ['expired', (rig: Rig) => rig.clock.advance(40 * 86_400_000)],
  ])('tells that it was %s', async (reason, kill) => {
    await using rig = await startRig();
    rig.clock.timeoutMs = 100 * 86_400_000;
    beforeRotating(rig, () => kill(rig));

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason },
    });

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });
});
