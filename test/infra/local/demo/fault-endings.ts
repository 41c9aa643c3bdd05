import { stripVTControlCharacters } from 'node:util';
import { expect } from 'vitest';
import { findFault } from '../../../../infra/local/demo/demo-faults.ts';
import { presentDemo } from '../../../../infra/local/show/present.ts';
import { ProgressPrinter } from '../../../../infra/local/show/progress.ts';
import { play, startDemo } from './simulated-demo.ts';

interface Expected {
  /** Of the alerts, in their order. */
  readonly codes: readonly string[];
  readonly rotateRequests: number;
  /** Active tokens that no label leads to. */
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
    /No alert reached anybody: SNS refused 2 of 2\n.*function's log has each, with "alert not published" after it: 2/,
};
const UNREPORTED = /no message came|No alert reached|Not every alert/;

export const EXPECTED: Readonly<Record<string, Expected>> = {
  'answer-lost': {
    codes: ['SUCCESSOR_LOST', 'CURRENT_TOKEN_DEAD'],
    rotateRequests: 1,
    orphans: ['2'],
    empty: true,
  },
  'outcome-unknown': {
    codes: ['ROTATION_OUTCOME_UNKNOWN'],
    rotateRequests: 2,
  },
  // Killed before it could say anything: the alarm tells, and the next attempt.
  'function-killed': {
    codes: ['CURRENT_TOKEN_DEAD'],
    rotateRequests: 1,
    orphans: ['2'],
    empty: true,
  },
  'gitlab-down': {
    codes: ['GITLAB_UNREACHABLE'],
    rotateRequests: 1,
  },
  'rate-limited': { codes: [], rotateRequests: 2 },
  'read-only': {
    codes: ['ROTATION_REFUSED', 'ROTATION_REFUSED'],
    rotateRequests: 2,
    empty: true,
  },
  'token-revoked': {
    codes: ['CURRENT_TOKEN_DEAD', 'CURRENT_TOKEN_DEAD'],
    rotateRequests: 0,
    empty: true,
  },
  'scope-missing': {
    codes: ['SCOPE_MISSING', 'SCOPE_MISSING'],
    rotateRequests: 0,
    empty: true,
  },
  'store-denied': {
    codes: ['STORE_DENIED', 'STORE_DENIED'],
    rotateRequests: 0,
    empty: true,
  },
  'store-denied-late': {
    codes: ['SUCCESSOR_NOT_STORED', 'SUCCESSOR_NOT_STORED'],
    rotateRequests: 1,
    orphans: ['2'],
    empty: true,
  },
  'successor-revoked': {
    codes: ['PENDING_TOKEN_REJECTED', 'PENDING_TOKEN_REJECTED'],
    rotateRequests: 1,
  },
  'not-promoted': { codes: ['NOT_PROMOTED'], rotateRequests: 1 },
  'topic-refuses': { codes: [], rotateRequests: 0, empty: true },
};

/** Plays the demonstration with this fault: it ends as it must, and no dead token is presented. */
export async function expectEnding(name: string): Promise<void> {
  const fault = findFault(name);
  await using demo = await startDemo({ scopes: fault.scopes });

  const lines: string[] = [];
  const printer = new ProgressPrinter((line) => lines.push(line), demo.clock);
  const report = await play(demo, fault, printer);

  const { gitlab, cloud, secretId } = demo;
  const { labels, orphans } = report.after;
  const codes = cloud.sns.messages.map(({ attributes }) => attributes['code']?.value);
  const seen: Expected = {
    codes: codes.map(String),
    rotateRequests: gitlab.rotateRequests.length,
    ...(orphans.length > 0 && { orphans }),
    ...(labels.find(({ label }) => label === 'AWSPENDING')?.empty && { empty: true }),
  };
  expect(report.ending).toBe(report.expectedEnding);
  expect(seen).toEqual(EXPECTED[name]);
  expect(gitlab.rotateRequests.filter(({ deadToken }) => deadToken)).toEqual([]);
  const shown = [...lines, presentDemo(report, { width: 80 })].join('\n');
  const text = stripVTControlCharacters(shown);
  for (const code of codes) {
    expect(text).toContain(` ${code}: `);
  }
  if (codes.length > 0) {
    expect(text).toContain(`Subject: [gitlab-token-rotation] ${codes.at(-1)}: `);
  }
  expect(text).toEqual(
    SAYS[name] ? expect.stringMatching(SAYS[name]) : expect.not.stringMatching(UNREPORTED),
  );
  expect(text).not.toContain('should have ended');
  for (const width of [80, 60]) {
    const drawn = stripVTControlCharacters(presentDemo(report, { width })).split('\n');
    expect(drawn.filter((line) => line.length > width)).toEqual([]);
    // With the title and a few lines for each attempt, what a terminal shows at once.
    expect(drawn.length, text).toBeLessThanOrEqual(width === 80 ? 31 : 42);
  }
  if (report.alerts.length > 0) {
    expect(text).toMatch(/\n {2}…\n\nAdd --verbose for the whole mail/);
    expect(text).toMatch(/WHAT HAPPENED\n[\s\S]*WHO IS AFFECTED/);
    expect(text).not.toMatch(/IDS AND DETAILS|as a chat shows it|^Calls/m);
  }
  expect(report.inactiveWindow.ongoing).toBe(report.ending === 'current token lost');
  const told = JSON.stringify([report, cloud.lambda.logs]);
  for (const { value = '{}' } of cloud.secretsManager.snapshot(secretId).versions) {
    expect(told).not.toContain(JSON.parse(value).token);
  }
}
