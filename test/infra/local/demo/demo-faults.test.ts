import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FAULTS, findFault } from '../../../../infra/local/demo/demo-faults.ts';
import { presentReport } from '../../../../infra/local/show/present.ts';
import { ProgressTeller } from '../../../../infra/local/show/progress.ts';
import { play, startDemo } from './simulated-demo.ts';

interface Expected {
  readonly outcome: 'succeeded' | 'failed';
  /** Of the alerts, in their order. */
  readonly codes: readonly string[];
  /** Whether AWSCURRENT leads to a living token at the end. */
  readonly alive: boolean;
  readonly rotateRequests: number;
  /** Living tokens that no label leads to. */
  readonly orphans?: readonly string[];
  /** AWSPENDING is on a version without a value. */
  readonly empty?: true;
}

/** What a person must read of it, meanwhile or at the end, beside the alerts. */
const SAYS: Readonly<Record<string, RegExp>> = {
  'function-killed':
    /from which no message came: 1\n.*the alarm on the function's errors tells[\s\S]*as a mail reader/,
  'token-revoked':
    /^ {4}createSecret is still at work: it waits for an answer, or asks again, until\n {4}\d\d:\d\d:\d\d at the latest$/m,
  'gitlab-down':
    /^ {4}GitLab did not answer the probe request \(ECONNREFUSED\); the function keeps\n {4}asking, until/m,
  'topic-refuses':
    /No alert reached anybody: SNS refused 2 of 2\n.*function's log; "alert not published" after it: 2/,
};
const UNTOLD = /no message came|No alert reached|Not every alert/;

const EXPECTED: Readonly<Record<string, Expected>> = {
  'answer-lost': {
    outcome: 'failed',
    codes: ['SUCCESSOR_LOST', 'CURRENT_TOKEN_DEAD'],
    alive: false,
    rotateRequests: 1,
    orphans: ['2'],
    empty: true,
  },
  'outcome-unknown': {
    outcome: 'succeeded',
    codes: ['ROTATION_OUTCOME_UNKNOWN'],
    alive: true,
    rotateRequests: 2,
  },
  // Killed before it could say anything: the alarm tells, and the next attempt.
  'function-killed': {
    outcome: 'failed',
    codes: ['CURRENT_TOKEN_DEAD'],
    alive: false,
    rotateRequests: 1,
    orphans: ['2'],
    empty: true,
  },
  'gitlab-down': {
    outcome: 'succeeded',
    codes: ['GITLAB_UNREACHABLE'],
    alive: true,
    rotateRequests: 1,
  },
  'rate-limited': { outcome: 'succeeded', codes: [], alive: true, rotateRequests: 2 },
  'read-only': {
    outcome: 'failed',
    codes: ['ROTATION_REFUSED', 'ROTATION_REFUSED'],
    alive: true,
    rotateRequests: 2,
    empty: true,
  },
  'token-revoked': {
    outcome: 'failed',
    codes: ['CURRENT_TOKEN_DEAD', 'CURRENT_TOKEN_DEAD'],
    alive: false,
    rotateRequests: 0,
    empty: true,
  },
  'scope-missing': {
    outcome: 'failed',
    codes: ['SCOPE_MISSING', 'SCOPE_MISSING'],
    alive: true,
    rotateRequests: 0,
    empty: true,
  },
  'store-denied': {
    outcome: 'failed',
    codes: ['STORE_DENIED', 'STORE_DENIED'],
    alive: true,
    rotateRequests: 0,
    empty: true,
  },
  'store-denied-late': {
    outcome: 'failed',
    codes: ['SUCCESSOR_NOT_STORED', 'SUCCESSOR_NOT_STORED'],
    alive: false,
    rotateRequests: 1,
    orphans: ['2'],
    empty: true,
  },
  'successor-revoked': {
    outcome: 'failed',
    codes: ['PENDING_TOKEN_REJECTED', 'PENDING_TOKEN_REJECTED'],
    alive: false,
    rotateRequests: 1,
  },
  'not-promoted': { outcome: 'succeeded', codes: ['NOT_PROMOTED'], alive: true, rotateRequests: 1 },
  'topic-refuses': { outcome: 'failed', codes: [], alive: true, rotateRequests: 0, empty: true },
};

describe('npm start -- --fault', () => {
  it.each(Object.keys(FAULTS))(
    '%s ends as it must, and never presents a dead token',
    async (name) => {
      const fault = findFault(name);
      await using demo = await startDemo({ scopes: fault.scopes });

      const lines: string[] = [];
      const teller = new ProgressTeller((line) => lines.push(line), demo.clock);
      const report = await play(demo, fault, teller);

      const { gitlab, cloud, secretId } = demo;
      const { labels, orphans } = report.after;
      const codes = cloud.sns.messages.map(({ attributes }) => attributes['code']?.value);
      const seen: Expected = {
        outcome: report.outcome === 'succeeded' ? 'succeeded' : 'failed',
        codes: codes.map(String),
        alive: labels.find(({ label }) => label === 'AWSCURRENT')?.alive === true,
        rotateRequests: gitlab.rotateRequests.length,
        ...(orphans.length > 0 && { orphans }),
        ...(labels.find(({ label }) => label === 'AWSPENDING')?.empty && { empty: true }),
      };
      expect(seen).toEqual(EXPECTED[name]);
      expect(gitlab.rotateRequests.filter(({ deadToken }) => deadToken)).toEqual([]);
      const shown = [...lines, presentReport(report, { width: 80 })].join('\n');
      const text = stripVTControlCharacters(shown);
      for (const code of codes) {
        expect(text).toContain(`Subject: [gitlab-token-rotation] ${code}: `);
      }
      expect(text).toEqual(
        SAYS[name] ? expect.stringMatching(SAYS[name]) : expect.not.stringMatching(UNTOLD),
      );
      for (const width of [80, 60]) {
        const drawn = stripVTControlCharacters(presentReport(report, { width })).split('\n');
        expect(drawn.filter((line) => line.length > width)).toEqual([]);
        // With the title and a few lines for each attempt, what a terminal shows at once.
        expect(drawn.length, text).toBeLessThanOrEqual(width === 80 ? 31 : 42);
      }
      if (report.alerts.length > 0) {
        expect(text).toMatch(/\n {2}…\n\nAdd --verbose for the whole mail/);
        expect(text).toMatch(/WHAT HAPPENED\n[\s\S]*WHO IS AFFECTED/);
        expect(text).not.toMatch(/IDS AND DETAILS|as a chat shows it|^Calls/m);
      }
      expect(report.deadWindow.ongoing).toBe(!seen.alive);
      const told = JSON.stringify([report, cloud.lambda.logs]);
      for (const { value = '{}' } of cloud.secretsManager.snapshot(secretId).versions) {
        expect(told).not.toContain(JSON.parse(value).token);
      }
    },
  );

  it('names the faults that there are when it does not know one', () => {
    expect(() => findFault('nope')).toThrow(/there is no fault "nope"; there are answer-lost, /);
  });
});
