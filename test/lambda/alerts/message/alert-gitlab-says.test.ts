import { describe, expect, it } from 'vitest';
import { renderAlert } from '../../../../lambda/alerts/alert.ts';
import type { Details, FailureCode, Step } from '../../../../lambda/failure.ts';
import { REFUSALS } from '../situations.ts';
import { readAlert, toldOf } from './alert-cases.ts';

const MAINTENANCE = { status: 503, gitlabSays: 'maintenance' };
const IN_MINUTES = { ...MAINTENANCE, retryAfterSeconds: 600 };
const PERMISSION = 'Personal Access Token: Read';

type Case = readonly [code: FailureCode, step: Step, details: Details, says: string];

/** What GitLab says, and how people read it. */
const CASES: readonly Case[] = [
  ...(['createSecret', 'testSecret'] as const).map(
    (step): Case => ['GITLAB_UNREACHABLE', step, IN_MINUTES, 'maintenance (status 503)'],
  ),
  ['ROTATION_OUTCOME_UNKNOWN', 'createSecret', IN_MINUTES, 'maintenance (status 503)'],
  ['GITLAB_UNREACHABLE', 'createSecret', IN_MINUTES, 'It expects to be back in about 10 minutes'],
  ...(
    [
      [1, '1 second'],
      [2, '2 seconds'],
      [119, '119 seconds'],
      [120, 'about 2 minutes'],
      [7_199, 'about 120 minutes'],
      [7_200, 'about 2 hours'],
      [86_399, 'about 24 hours'],
      [86_400, 'a day or more'],
    ] as const
  ).map(
    ([retryAfterSeconds, text]): Case => [
      'GITLAB_UNREACHABLE',
      'createSecret',
      { ...MAINTENANCE, retryAfterSeconds },
      `back in ${text}, counted from this alert`,
    ],
  ),
  [
    'GITLAB_RATE_LIMITED',
    'createSecret',
    { retryAfterSeconds: 3_600 },
    'pause of about 60 minutes',
  ],
  [
    'ROTATION_REFUSED',
    'createSecret',
    { refusal: 'permission-missing', permission: PERMISSION },
    `lacks a permission for this (${PERMISSION})`,
  ],
  ['ROTATION_REFUSED', 'testSecret', { refusal: 'not-active' }, 'the new one is in version'],
  ...REFUSALS.map(
    (refusal): Case => [
      'ROTATION_REFUSED',
      'testSecret',
      { refusal, permission: `${'Personal Access Token: Read, '.repeat(10)}Read` },
      'GitLab refused a request of the function. ',
    ],
  ),
];

describe('what GitLab says', () => {
  it.each(CASES)('stands whole in mail and chat: %s in %s %j', (code, step, details, says) => {
    const alert = renderAlert(toldOf(code, { step, details }));

    const { email, notification } = readAlert(alert);
    const { description, nextSteps } = notification.content;
    expect(email).toContain(says);
    expect(description).toContain(says);
    expect(description).toContain('requestId: `');
    expect(nextSteps.filter((text) => text.endsWith('…'))).toEqual([]);
  });

  it.each(['glpat-secret', 'Read]', 'Read\nand more', 7, '', 'x'.repeat(500)])(
    'is left out of the sentence where it could be anything: %j',
    (permission) => {
      const details = { refusal: 'permission-missing', permission };

      const { email } = readAlert(renderAlert(toldOf('ROTATION_REFUSED', { details })));

      expect(email).toContain('lacks a permission for this.');
    },
  );

  it.each([
    {},
    { gitlabSays: 'Back at noon' },
    { gitlabSays: true, retryAfterSeconds: 600 },
    { retryAfterSeconds: 600 },
  ])('is a maintenance in one word only: %j', (details) => {
    const { email } = readAlert(
      renderAlert(toldOf('GITLAB_UNREACHABLE', { details: { status: 503, ...details } })),
    );

    expect(email).not.toContain('GitLab says');
    expect(email).toContain('no usable answer from GitLab (status 503)');
  });

  it('tells the status of a maintenance once', () => {
    const { email } = readAlert(
      renderAlert(toldOf('GITLAB_UNREACHABLE', { details: MAINTENANCE })),
    );

    expect(email.match(/\(status 503\)/g)).toHaveLength(1);
  });

  it('does not send people to look for a way that something has answered by', () => {
    const of = (details: Details) =>
      readAlert(renderAlert(toldOf('GITLAB_UNREACHABLE', { details }))).email;

    expect(of({ reason: 'ECONNREFUSED' })).toContain('DNS, route, security group');
    expect(of({ reason: 'UNEXPECTED_ANSWER', status: 502 })).not.toContain('security group');
    expect(of({ reason: 'UNEXPECTED_ANSWER', status: 502 })).not.toContain('Check GITLAB_URL');
    expect(of({ reason: 'UNEXPECTED_ANSWER', status: 200 })).toContain('Check GITLAB_URL');
    expect(of({ reason: 'NOT_GITLAB', status: 302 })).toContain('Check GITLAB_URL');
    expect(of({ reason: 'NOT_GITLAB', status: 302 })).not.toContain('see whether GitLab is up');
  });
});
