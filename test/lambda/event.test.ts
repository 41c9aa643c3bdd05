import { describe, expect, it } from 'vitest';
import { parseRotationEvent, readEventIds, secretName } from '../../lambda/event.ts';
import { STEPS } from '../../lambda/failure.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:app/gitlab-token-AbC123';
const VERSION = '6f2b8a1e-52a5-4bd3-9f64-0d4a30f1a1c1';
const EVENT = { Step: 'createSecret', SecretId: ARN, ClientRequestToken: VERSION };
const ROTATION_TOKEN = 'rotation-token-'.repeat(3);

describe(parseRotationEvent, () => {
  it.each(STEPS)('reads the event of %s', (step) => {
    const event = { ...EVENT, Step: step, RotationToken: ROTATION_TOKEN };

    expect(parseRotationEvent(event)).toStrictEqual({
      step,
      request: { secretId: ARN, versionId: VERSION, rotationToken: ROTATION_TOKEN },
    });
  });

  it('reads an older event, which has no RotationToken', () => {
    const { request } = parseRotationEvent(EVENT);

    expect(request).toStrictEqual({ secretId: ARN, versionId: VERSION });
  });

  it('ignores members that it does not know', () => {
    const event = { ...EVENT, Attempt: 2 };

    expect(parseRotationEvent(event).request).toStrictEqual({ secretId: ARN, versionId: VERSION });
  });

  it.each([
    'arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:app-AbC123',
    'arn:aws-iso-b:secretsmanager:us-isob-east-1:111122223333:secret:a/b_c+d=e.f@g-h-AbC123',
  ])('knows the ARN %s', (arn) => {
    expect(parseRotationEvent({ ...EVENT, SecretId: arn }).request.secretId).toBe(arn);
  });

  it.each([32, 64])('takes a ClientRequestToken of %i characters', (length) => {
    const versionId = 'v'.repeat(length);

    const { request } = parseRotationEvent({ ...EVENT, ClientRequestToken: versionId });

    expect(request.versionId).toBe(versionId);
  });

  it.each([36, 256])('takes a RotationToken of %i characters', (length) => {
    const rotationToken = 'r'.repeat(length);

    const { request } = parseRotationEvent({ ...EVENT, RotationToken: rotationToken });

    expect(request.rotationToken).toBe(rotationToken);
  });

  it.each([
    [undefined],
    [null],
    ['createSecret'],
    [[]],
    [{}],
    [{ key1: 'value1', key2: 'value2' }],
    [{ source: 'aws.events', 'detail-type': 'Scheduled Event' }],
  ])('says of %o that it is not from Secrets Manager, and how to test', (event) => {
    expect(() => parseRotationEvent(event)).toThrow(
      /^EVENT_INVALID: the event is not from Secrets Manager.*--no-rotate-immediately/,
    );
  });

  it.each([
    ['rotateSecret', ', got rotateSecret'],
    ['create_secret', ''],
    ['glpat_abcdefghijklmnopqrst', ''],
    ['glpat1', ''],
    ['x'.repeat(32), `, got ${'x'.repeat(32)}`],
    ['x'.repeat(33), ''],
    ['createSecret; first', ''],
    ['', ''],
    [7, ''],
    [undefined, ''],
  ])('names the four steps where it reads %o', (step, quoted) => {
    expect(messageOf({ ...EVENT, Step: step })).toBe(
      `EVENT_INVALID: Step must be one of createSecret, setSecret, testSecret, finishSecret${quoted}`,
    );
  });

  it.each([
    ['SecretId', 'app/gitlab-token', 'must be the full ARN of a secret'],
    ['SecretId', 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:app', 'must be the full'],
    ['SecretId', 'arn:aws:sns:eu-central-1:111122223333:secret:app-AbC123', 'must be the full ARN'],
    ['SecretId', `${ARN}\n`, 'must be the full ARN'],
    ['SecretId', ` ${ARN}`, 'must be the full ARN'],
    ['SecretId', [ARN], 'must be the full ARN'],
    ['ClientRequestToken', 'v'.repeat(31), 'must be 32 to 64'],
    ['ClientRequestToken', 'v'.repeat(65), 'must be 32 to 64'],
    ['ClientRequestToken', `${'v'.repeat(32)};`, 'must be 32 to 64'],
    ['ClientRequestToken', undefined, 'must be 32 to 64'],
    ['RotationToken', 'r'.repeat(35), 'must be 36 to 256'],
    ['RotationToken', 'r'.repeat(257), 'must be 36 to 256'],
    ['RotationToken', 'r'.repeat(36).concat(' '), 'must be 36 to 256'],
    ['RotationToken', null, 'must be 36 to 256'],
    ['RotationToken', 7, 'must be 36 to 256'],
  ])('refuses the %s %o without quoting it', (member, value, problem) => {
    const message = messageOf({ ...EVENT, [member]: value });

    expect(message).toContain(`EVENT_INVALID: ${member} ${problem}`);
    expect(message).not.toContain(String(value));
  });

  it.each(['Step', 'SecretId', 'ClientRequestToken'] as const)(
    'tells what an event that has %s alone does not have',
    (member) => {
      const message = messageOf({ [member]: EVENT[member] });

      expect(message).not.toContain('not from Secrets Manager');
      expect(message.split('; ')).toHaveLength(2);
    },
  );

  it('tells every problem at once', () => {
    const event = { Step: 'rotate', SecretId: 7, ClientRequestToken: '', RotationToken: '' };

    expect(messageOf(event).split('; ')).toHaveLength(4);
  });
});

describe(readEventIds, () => {
  const IDS = { step: 'createSecret', secretId: ARN, versionId: VERSION };

  it('reads what an event that is right is about, but for its RotationToken', () => {
    expect(readEventIds({ ...EVENT, RotationToken: ROTATION_TOKEN })).toStrictEqual(IDS);
  });

  it.each([
    ['Step', 'step', ['create_secret', 7, undefined, 'toString']],
    ['SecretId', 'secretId', ['app/gitlab-token', ` ${ARN}`, [ARN], undefined]],
    ['ClientRequestToken', 'versionId', ['first', `${VERSION};`, { toString: null }, undefined]],
  ] as const)('leaves out a %s that is none, and keeps the rest', (member, id, values) => {
    const { [id]: _, ...others } = IDS;
    for (const value of values) {
      expect(readEventIds({ ...EVENT, [member]: value })).toStrictEqual(others);
    }
  });

  it.each([
    ['Step', 'step', 'create'],
    ['SecretId', 'secretId', 'app/token'],
    ['RotationToken', 'no id', 'short'],
  ])('tells no version of an event whose %s is wrong, unless it is a UUID', (member, id, wrong) => {
    const odd = { ...EVENT, [member]: wrong };
    const { [id as 'step']: _, ...others } = IDS;

    expect(readEventIds(odd)).toStrictEqual(others);
    for (const token of ['glpat-abcdefghijklmnopqrstuvwxyz0123', 'v'.repeat(36)]) {
      expect(readEventIds({ ...odd, ClientRequestToken: token })).not.toHaveProperty('versionId');
    }
  });

  it('tells a version of any form where the event is right', () => {
    const versionId = 'v'.repeat(36);

    expect(readEventIds({ ...EVENT, ClientRequestToken: versionId })).toMatchObject({ versionId });
  });

  it('keeps all where the RotationToken alone is wrong', () => {
    expect(readEventIds({ ...EVENT, RotationToken: 'first' })).toStrictEqual(IDS);
  });

  it.each([[undefined], [null], ['createSecret'], [7], [[]], [{}]])(
    'reads nothing of %o, which is no event',
    (event) => {
      expect(readEventIds(event)).toStrictEqual({});
    },
  );
});

describe(secretName, () => {
  it('leaves out the characters that AWS appends, and no hyphen more', () => {
    expect(secretName(ARN)).toBe('app/gitlab-token');
  });
});

function messageOf(event: unknown): string {
  try {
    parseRotationEvent(event);
    return 'no failure';
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
}
