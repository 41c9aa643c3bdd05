import { describe, expect, it } from 'vitest';
import { parseWatchEvent } from '../../../lambda/watch/watch-event.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:app/token-AbCdEf';

function verdict(detail: object) {
  return {
    'detail-type': 'AWS Service Event via CloudTrail',
    detail: {
      eventName: 'RotationFailed',
      eventTime: '2030-01-10T06:00:00Z',
      additionalEventData: { SecretId: ARN },
      ...detail,
    },
  };
}

describe(parseWatchEvent, () => {
  it('reads the secrets of the schedule, each once', () => {
    expect(parseWatchEvent({ secrets: ['app/token', ARN, 'app/token'] })).toEqual({
      secrets: ['app/token', ARN],
      reportWhenWell: false,
      quiet: false,
    });
  });

  it('reads what is asked for beside', () => {
    expect(parseWatchEvent({ secrets: ['a'], reportWhenWell: true, quiet: true })).toMatchObject({
      reportWhenWell: true,
      quiet: true,
    });
  });

  it.each(['RotationFailed', 'RotationAbandoned', 'TestRotationFailed'])(
    'reads what AWS reports: %s',
    (eventName) => {
      expect(parseWatchEvent(verdict({ eventName }))).toEqual({
        secrets: [ARN],
        reportWhenWell: false,
        quiet: false,
        verdict: { eventName, eventTime: '2030-01-10T06:00:00Z' },
      });
    },
  );

  it.each([
    undefined,
    null,
    'app/token',
    {},
    { secrets: 'app/token' },
    { secrets: [] },
    { secrets: ['app token'] },
    { secrets: [7] },
    { secrets: ['a'], quiet: 'yes' },
    { secrets: ['a'], reportWhenWell: 1 },
    { Step: 'createSecret' },
    verdict({ eventName: 'RotationSucceeded' }),
    verdict({ eventTime: 'now' }),
    verdict({ eventTime: 7 }),
    verdict({ additionalEventData: { SecretId: 'app/token' } }),
    verdict({ additionalEventData: null }),
  ])('refuses %j', (event) => {
    expect(() => parseWatchEvent(event)).toThrow(
      /^EVENT_INVALID: this is no event for the watch: /,
    );
  });
});
