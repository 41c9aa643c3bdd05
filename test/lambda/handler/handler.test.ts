import { describe, expect, it } from 'vitest';
import { RotationError } from '../../../lambda/failure.ts';
import type { Steps } from '../../../lambda/handler.ts';
import type { Run, Services } from '../../../lambda/ports/step.ts';
import { ARN, BOUND, EVENT, givenHandler, ROTATION_TOKEN, refuse, VERSION } from './handler-rig.ts';

describe('when a step succeeds', () => {
  it('gives the step the clock', async () => {
    const slept: number[] = [];
    const now = new Date(86_400_000);
    const sleep = async (ms: number) => {
      slept.push(ms);
    };
    const given: Date[] = [];
    const { invoke } = givenHandler(
      async ({ time }) => {
        given.push(time.now());
        await time.sleep(250);
      },
      { clock: { now: () => now, sleep } },
    );

    await invoke();

    expect(given).toStrictEqual([now]);
    expect(slept).toStrictEqual([250]);
  });

  it('gives the step its request, its deadline and a log bound to its ids', async () => {
    const given: unknown[] = [];
    const { invoke, log } = givenHandler(async ({ request, time, log: stepLog }) => {
      given.push(request, time.remainingMs());
      stepLog.info('in the step');
    });

    await invoke(EVENT, 1_234);

    expect(given).toStrictEqual([
      { secretId: ARN, versionId: VERSION, rotationToken: ROTATION_TOKEN },
      1_234,
    ]);
    expect(log.lines).toStrictEqual([
      { level: 'info', message: 'rotation step started', ...BOUND },
      { level: 'info', message: 'in the step', ...BOUND },
      {
        level: 'info',
        message: 'rotation step finished',
        durationMs: expect.any(Number),
        ...BOUND,
      },
    ]);
  });

  it('runs the step that the event names', async () => {
    const ran: string[] = [];
    const steps: Steps = {
      createSecret: async () => void ran.push('createSecret'),
      setSecret: async () => void ran.push('setSecret'),
      testSecret: async () => void ran.push('testSecret'),
      finishSecret: async () => void ran.push('finishSecret'),
    };
    const { invoke } = givenHandler(refuse, { steps });

    await invoke({ ...EVENT, Step: 'testSecret' });
    await invoke({ ...EVENT, Step: 'finishSecret' });
    await invoke({ ...EVENT, Step: 'createSecret' });
    await invoke({ ...EVENT, Step: 'setSecret' });

    expect(ran).toStrictEqual(['testSecret', 'finishSecret', 'createSecret', 'setSecret']);
  });

  it('gives the step the settings of the secret, and what it leaves out as for all', async () => {
    const settings = {
      gitlabUrl: 'https://gitlab.example.com',
      tokenField: 'token',
      lifetimeDays: 90,
    };
    const secretSettings = new Map([
      ['app/token', { lifetimeDays: 60 }],
      ['app/other', { tokenField: 'password' }],
    ]);
    const ran: Run[] = [];
    const step = async (run: Run) => void ran.push(run);
    const services = { settings, secretSettings } as unknown as Services;
    const { invoke } = givenHandler(step, { services });

    await invoke();
    await invoke({ ...EVENT, SecretId: ARN.replace('app/token', 'app/other') });
    await invoke({ ...EVENT, SecretId: ARN.replace('app/token', 'app/token-2') });

    expect(ran.map((run) => run.settings)).toStrictEqual([
      { ...settings, lifetimeDays: 60 },
      { ...settings, tokenField: 'password' },
      settings,
    ]);
  });

  it('publishes nothing', async () => {
    const { invoke, published } = givenHandler(async () => {});

    await invoke();

    expect(published).toStrictEqual([]);
  });
});

describe('when the event cannot be read', () => {
  it('fails with EVENT_INVALID, and tells it', async () => {
    const { invoke, log, published } = givenHandler(async () => {});

    const invoked = invoke({ ...EVENT, Step: 'rotate' });

    await expect(invoked).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    expect(published).toHaveLength(1);
    expect(published[0]?.alert.attributes).toMatchObject({ code: 'EVENT_INVALID', risk: 'none' });
    expect(published[0]?.alert.message).toContain('request-1');
    expect(published[0]?.alert.message).toContain('eu-central-1');
    expect(log.lines).toMatchObject([{ level: 'error', message: 'rotation step failed' }]);
  });

  it.each([
    ['SecretId', { step: 'createSecret', versionId: VERSION }],
    ['ClientRequestToken', { step: 'createSecret', secret: 'app/token' }],
    ['RotationToken', BOUND],
    ['Step', { secret: 'app/token', versionId: VERSION }],
  ])(
    'tells all that the event says beside a bad %s, and nothing of that',
    async (member, known) => {
      const { invoke, log, published } = givenHandler(async () => {});

      await invoke({ ...EVENT, [member]: 'bad; first' }).catch(() => {});

      const { attributes, message } = published[0]?.alert ?? {};
      const { email = '' } = JSON.parse(message ?? '{}');
      expect(attributes?.step).toBe('step' in known ? 'createSecret' : 'none');
      expect(email.includes(ARN)).toBe('secret' in known);
      expect(email.includes(VERSION)).toBe('versionId' in known);
      expect(log.lines).toStrictEqual([
        {
          level: 'error',
          message: 'rotation step failed',
          durationMs: expect.any(Number),
          risk: 'none',
          error: expect.objectContaining({ code: 'EVENT_INVALID' }),
          ...known,
        },
      ]);
      expect(JSON.stringify([log.lines, published])).not.toContain('bad; first');
    },
  );

  it('does not claim to know whom it hurts in a later step', async () => {
    const { invoke, published } = givenHandler(async () => {});

    await invoke({ ...EVENT, Step: 'testSecret', SecretId: 'app/token' }).catch(() => {});

    expect(published[0]?.alert.attributes).toStrictEqual({
      code: 'EVENT_INVALID',
      risk: 'unknown',
      step: 'testSecret',
    });
  });
});

describe('when the function could not be built', () => {
  const services = new RotationError('CONFIG_INVALID', 'GITLAB_URL is missing');

  it.each([
    ['a good event', EVENT],
    ['a bad event', {}],
  ])('fails with that reason at %s, each time', async (_what, event) => {
    const { invoke, published } = givenHandler(refuse, { services });

    await expect(invoke(event)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(invoke(event)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(published.map(({ alert }) => alert.attributes.code)).toStrictEqual([
      'CONFIG_INVALID',
      'CONFIG_INVALID',
    ]);
  });

  it('tells what a bad event is about all the same', async () => {
    const { invoke, log, published } = givenHandler(refuse, { services });

    await invoke({ Step: 'createSecret', SecretId: ARN }).catch(() => {});

    expect(published[0]?.alert.attributes.step).toBe('createSecret');
    expect(published[0]?.alert.message).toContain(ARN);
    expect(log.lines.at(-1)).toMatchObject({ step: 'createSecret', secret: 'app/token' });
  });

  it('knows whom a failure in the middle of a rotation hurts', async () => {
    const { invoke, published } = givenHandler(refuse, { services });

    await invoke({ ...EVENT, Step: 'finishSecret' }).catch(() => {});

    expect(published[0]?.alert.attributes).toStrictEqual({
      code: 'CONFIG_INVALID',
      risk: 'consumers',
      step: 'finishSecret',
    });
  });
});
