import { describe, expect, it } from 'vitest';
import { RotationError } from '../../../lambda/failure.ts';
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
      daily: false,
    });
  });

  it('reads what is asked for beside', () => {
    const asked = { reportWhenWell: true, quiet: true, daily: true };

    expect(parseWatchEvent({ secrets: ['a'], ...asked })).toEqual({ secrets: ['a'], ...asked });
  });

  it.each(['RotationFailed', 'RotationAbandoned', 'TestRotationFailed'])(
    'reads what AWS reports: %s',
    (eventName) => {
      expect(parseWatchEvent(verdict({ eventName }))).toEqual({
        secrets: [ARN],
        reportWhenWell: false,
        quiet: false,
        daily: false,
        verdict: { eventName, eventTime: '2030-01-10T06:00:00Z' },
      });
    },
  );

  it.each<[problem: string, events: readonly unknown[]]>([
    [
      'secrets must be a list of names or full ARNs of secrets',
      [
        ...[undefined, null, 'app/token', {}, { Step: 'createSecret' }],
        ...['app/token', [], ['app token'], [7], ['app/token', 7]].map((secrets) => ({ secrets })),
      ],
    ],
    [
      'reportWhenWell, quiet and daily must be true or false, or absent',
      [{ quiet: 'yes' }, { reportWhenWell: 1 }, { daily: 'true' }].map((more) => ({
        secrets: ['a'],
        ...more,
      })),
    ],
    [
      'eventName must be one of RotationFailed, RotationAbandoned, TestRotationFailed',
      [verdict({ eventName: 'RotationSucceeded' }), verdict({ eventName: undefined })],
    ],
    [
      'eventTime must be a time in ISO 8601, in UTC',
      ['now', 7, ['2030-01-10T06:00:00Z']].map((eventTime) => verdict({ eventTime })),
    ],
    [
      'SecretId must be the full ARN of a secret',
      [null, { SecretId: 'app/token' }, { SecretId: [ARN] }].map((additionalEventData) =>
        verdict({ additionalEventData }),
      ),
    ],
  ])('says what is wrong with an event: %s', (problem, events) => {
    for (const event of events) {
      expect(() => parseWatchEvent(event), JSON.stringify(event)).toThrow(
        new RotationError('EVENT_INVALID', `this is no event for the watch: ${problem}`),
      );
    }
  });
});
