import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { resourcesOf, rotationStack } from '../../infra/cdk-app.ts';
import { givenSecret, passDays, startWatchRig, type WatchRig } from '../watch/watch-rig.ts';
import { type AlarmProperties, alarmStateOf } from './alarm-state.ts';
import { metricsIn, metricsOfLambda } from './cloudwatch.ts';

const FUNCTION_NAME = 'gitlab-token-watch';
const HOUR_MS = 60 * 60 * 1000;
const alarms = resourcesOf(Template.fromStack(rotationStack()), 'AWS::CloudWatch::Alarm');

/** With the name that the function has on the local servers. */
function alarmOf(part: 'WatchAlarm' | 'ExpiryAlarm'): AlarmProperties {
  const properties = alarms.find(({ id }) => id.includes(part))?.Properties;
  const Dimensions = [{ Name: 'FunctionName', Value: FUNCTION_NAME }];
  return { ...properties, Dimensions } as unknown as AlarmProperties;
}

describe('the alarm on a watch that does not run', () => {
  const stateNow = ({ lambda, stage }: WatchRig) => {
    const data = [...metricsIn(lambda.logs), ...metricsOfLambda(FUNCTION_NAME, lambda.invocations)];
    return alarmStateOf(alarmOf('WatchAlarm'), data, stage.clock.now());
  };

  it('is silent for a day after each daily run, also one that finds nothing', async () => {
    await using rig = await startWatchRig();
    const { secretId } = await givenSecret(rig, 'app');
    await rig.watch({ secrets: [secretId], daily: true });
    await passDays(rig, 1);

    expect(stateNow(rig)).toBe('OK');
  });

  it('sounds without one, however often the watch is asked by hand', async () => {
    await using rig = await startWatchRig();
    const { secretId } = await givenSecret(rig, 'app');
    await rig.watch({ secrets: [secretId], daily: true });
    await passDays(rig, 1.5);
    await rig.watch({ secrets: [secretId], quiet: true });
    await rig.watch({ secrets: [secretId] });

    expect(stateNow(rig)).toBe('ALARM');
  });
});

describe('the alarm on days to expiry', () => {
  const datum = { namespace: 'GitLabTokenRotation', name: 'DaysToExpiry' };
  const dimensions = { FunctionName: FUNCTION_NAME };
  const found = Date.parse('2030-01-10T06:00:00Z');
  const stateAfter = (hours: number) =>
    alarmStateOf(
      alarmOf('ExpiryAlarm'),
      [{ ...datum, dimensions, at: found, value: 6 }],
      new Date(found + hours * HOUR_MS),
    );

  it('lasts until the next daily run', () => {
    expect([stateAfter(0), stateAfter(25)]).toEqual(['ALARM', 'ALARM']);
  });

  it('ends, too, if no token expires any more, or if there is no further run', () => {
    expect(stateAfter(26)).toBe('OK');
  });
});
