import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { writeMetrics, writeToStdout } from '../../../lambda/metrics/embedded-format.ts';
import { METRICS } from '../../../lambda/metrics/names.ts';
import { recordingLog } from '../../rig/function/recording-log.ts';

const FORMAT = '../../../lambda/metrics/embedded-format.ts';
const NOW = new Date('2030-01-10T06:00:00Z');

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a line of metrics', () => {
  it('says what is a metric, and of which dimensions, as CloudWatch reads it', () => {
    const lines: string[] = [];
    const metrics = (line: string) => lines.push(line);

    writeMetrics({ metrics, log: recordingLog() }, NOW, () => [
      {
        dimensions: { FunctionName: 'watch', SecretName: 'app', Token: 'current' },
        values: { DaysToExpiry: 12 },
      },
      { dimensions: { FunctionName: 'watch' }, values: { SecretsWithFindings: 0 } },
    ]);

    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        _aws: {
          Timestamp: NOW.getTime(),
          CloudWatchMetrics: [
            {
              Namespace: 'GitLabTokenRotation',
              Dimensions: [['FunctionName', 'SecretName', 'Token'], ['FunctionName']],
              Metrics: [{ Name: 'DaysToExpiry', Unit: 'None' }],
            },
          ],
        },
        FunctionName: 'watch',
        SecretName: 'app',
        Token: 'current',
        DaysToExpiry: 12,
      },
      {
        _aws: {
          Timestamp: NOW.getTime(),
          CloudWatchMetrics: [
            {
              Namespace: 'GitLabTokenRotation',
              Dimensions: [['FunctionName']],
              Metrics: [{ Name: 'SecretsWithFindings', Unit: 'Count' }],
            },
          ],
        },
        FunctionName: 'watch',
        SecretsWithFindings: 0,
      },
    ]);
    expect(lines.join('')).not.toContain('\n');
  });

  it('keeps to what CloudWatch takes, were all metrics in one', () => {
    const sets = Object.values(METRICS).flatMap(({ dimensions }) => [...dimensions]);

    expect(Object.keys(METRICS).length).toBeLessThanOrEqual(100);
    expect(Math.max(...sets.map(({ length }) => length))).toBeLessThanOrEqual(30);
  });

  it('goes past the console, which Lambda wraps', () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const info = vi.spyOn(console, 'info').mockReturnValue();

    writeToStdout('{"_aws":{}}');

    expect(write.mock.calls).toStrictEqual([['{"_aws":{}}\n']]);
    expect(info).not.toHaveBeenCalled();
  });

  it('listens once to errors of stdout, and ignores them', () => {
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    writeToStdout('first');
    const listeners = process.stdout.listenerCount('error');

    writeToStdout('second');

    expect(process.stdout.listenerCount('error')).toBe(listeners);
    expect(() => process.stdout.emit('error', new Error('write EPIPE'))).not.toThrow();
  });

  // Its memory may hold the only copy of a new token.
  it('does not end the process where nobody reads stdout any more', async () => {
    const source = `
      import { setTimeout } from 'node:timers/promises';
      import { writeToStdout } from '${new URL(FORMAT, import.meta.url)}';
      await process.stdin.forEach(() => {});
      for (const line of ['first', 'second', 'third']) {
        writeToStdout(line);
        await setTimeout(20);
      }
      process.stderr.write('alive');
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', source]);
    const ended = once(child, 'exit');
    const errors = child.stderr.setEncoding('utf8').toArray();
    child.stdout.destroy();
    await once(child.stdout, 'close');
    child.stdin.end();

    expect([await ended, (await errors).join('')]).toEqual([[0, null], 'alive']);
  });
});

describe('where a line cannot be written', () => {
  it('the log says why, in a word, and nothing is thrown', () => {
    const log = recordingLog();
    const metrics = () => {
      throw new TypeError('glpat-secret');
    };

    writeMetrics({ metrics, log }, NOW, () => [{ dimensions: {}, values: {} }]);

    expect(log.lines).toEqual([
      { level: 'warn', message: 'metrics not written', error: 'TypeError' },
    ]);
  });
});
