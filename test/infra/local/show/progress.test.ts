import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../../infra/local/secrets-manager/rotation/run.ts';
import { ProgressPrinter } from '../../../../infra/local/show/progress.ts';
import { SimulatedClock } from '../../../rig/clock/simulated-clock.ts';

const AT = new Date(2026, 10, 29, 16, 46, 31);

/** What is shown of a createSecret that begins, and of these lines of the function's log. */
function shownFor(messages: readonly object[]): string[] {
  const shown: string[] = [];
  const printer = new ProgressPrinter((text) => shown.push(stripVTControlCharacters(text)));
  const tell = (event: RunEvent) =>
    printer.onProgress({
      ...event,
      secretArn: 'arn',
      versionId: 'version',
      run: 'rotation',
      attempt: 1,
      at: AT,
    });
  tell({ what: 'step-started', step: 'createSecret' });
  for (const message of messages) {
    const entry = { level: 'INFO', message };
    printer.onLog({ raw: JSON.stringify(entry), entry });
  }
  tell({ what: 'step-succeeded', step: 'createSecret', durationMs: 1 });
  return shown.slice(0, -1).map((text) => text.replace(/\s+/g, ' ').trim());
}

describe('the progress of a rotation', () => {
  it.each([
    [
      { message: 'GitLab did not answer', call: 'probe', reason: 'ENOTFOUND' },
      'GitLab did not answer the probe request (ENOTFOUND); the function keeps asking',
    ],
    [
      { message: 'GitLab answered', call: 'rotate', status: 502 },
      'GitLab answered the rotate request with status 502; the function finds out what became of it',
    ],
    [
      { message: 'GitLab did not answer', call: 'rotate', reason: 'ECONNRESET' },
      'GitLab did not answer the rotate request (ECONNRESET); the function finds out what became of it',
    ],
    [
      { message: 'the outcome of the rotate request is unknown: probing the token', status: 302 },
      'GitLab gave no usable answer to the rotate request (status 302); the function finds out what became of it',
    ],
    [
      { message: 'GitLab answered', call: 'probe', status: 200, reason: 'NOT_GITLAB' },
      'GitLab answered the probe request with status 200 (NOT_GITLAB); the function keeps asking',
    ],
    [
      { message: 'GitLab answered', call: 'rotate', status: 429 },
      'GitLab answered the rotate request with status 429; the function waits, and asks again',
    ],
    [
      { message: 'GitLab answered', call: 'probe', status: 429 },
      'GitLab answered the probe request with status 429; the function waits, and asks again',
    ],
  ])('tells the first failure of GitLab in a step at once, and once: %j', (message, text) => {
    expect(shownFor([message, message])).toEqual([`${text}, until 16:47:31 at the latest`]);
  });

  it.each([
    { message: 'GitLab answered', call: 'probe', status: 200 },
    { message: 'GitLab answered', call: 'probe', status: 401 },
    { message: 'GitLab answered', call: 'probe', status: 403 },
    { message: 'GitLab answered', call: 'rotate', status: 403 },
    { message: 'Secrets Manager answered', status: 500 },
    { message: 'rotation step started' },
  ])('is silent about what is no such failure: %j', (message) => {
    expect(shownFor([message])).toEqual([]);
  });

  it('tells of a step that is silent for five seconds, and of what fails after that', async () => {
    const clock = new SimulatedClock(AT);
    const shown: string[] = [];
    const printer = new ProgressPrinter((text) => shown.push(text), clock);
    const common = { secretArn: 'arn', versionId: 'version', attempt: 1, at: AT } as const;
    printer.onProgress({ ...common, run: 'test', what: 'step-started', step: 'testSecret' });

    await clock.during(clock.sleep(5_000));
    const entry = { message: { message: 'GitLab did not answer', call: 'probe', reason: 'x' } };
    printer.onLog({ raw: JSON.stringify(entry), entry });
    await clock.during(clock.sleep(60_000));

    expect(shown.map((text) => text.replace(/\s+/g, ' '))).toEqual([
      expect.stringContaining(
        'testSecret is still at work: it waits for an answer, or asks again, until',
      ),
      expect.stringContaining('GitLab did not answer the probe request (x)'),
    ]);
  });
});
