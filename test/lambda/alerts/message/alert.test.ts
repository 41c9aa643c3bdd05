import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderAlert } from '../../../../lambda/alerts/alert.ts';
import { riskAt } from '../../../../lambda/failure.ts';
import { anyText } from '../../../rig/any-text.ts';
import { arnOf, CASES, IDS, VERSION } from '../cases.ts';
import { EVERYWHERE } from '../situations.ts';
import { readAlert, SNS_LIMIT, sizeOf, toldOf } from './alert-cases.ts';

describe('renderAlert', () => {
  it.each(CASES)('tells e-mail, chat and programs: $code in $step', ({ code, step }) => {
    const told = toldOf(code, { ...(step !== undefined && { step }) });

    const alert = renderAlert(told);

    const { email, notification } = readAlert(alert);
    const { content, metadata } = notification;
    const risk = 'failure' in told ? riskAt(step, told.failure) : 'none';
    expect(alert.subject).toBe(`[gitlab-token-rotation] ${code}: prod/app/gitlab`);
    expect(alert.attributes).toStrictEqual({ code, risk, step: step ?? 'none' });
    expect(email).toMatch(
      /^\w+: prod\/app\/gitlab\n\nWHAT HAPPENED\n\n\w[\s\S]+\n\nWHO IS AFFECTED\n\n\w[\s\S]+\n\nWHAT TO DO\n\n1\. \w[\s\S]+\n\nIDS AND DETAILS\n\n(\w+ +\S.*\n)+\w+ +\S.*$/,
    );
    expect(notification).toMatchObject({ version: '1.0', source: 'custom' });
    expect(content.textType).toBe('client-markdown');
    expect(content.title).toBe(`${code}: prod/app/gitlab`);
    expect(content.description).toMatch(/^\*What happened\*\n\w[\s\S]+\n\*Who is affected\*\n\w/);
    expect(content.nextSteps.map((text) => text.split('.')[0])).toStrictEqual(
      content.nextSteps.map((_text, index) => `${index + 1}`),
    );
    expect(content.keywords).toStrictEqual([code, `risk: ${risk}`, `step: ${step ?? 'none'}`]);
    expect(metadata.threadId).toBe(VERSION);
    expect(metadata.summary).toContain(`risk: ${risk}`);
    expect(metadata.additionalContext).toMatchObject({ ...alert.attributes, versionId: VERSION });
    expect(alert.message).not.toMatch(/undefined|\[object|NaN/);
  });

  it.each(EVERYWHERE)('cuts nothing that people need: $code in $step, $details', (situation) => {
    const ids = { ...IDS, versionId: 'v'.repeat(64) };

    const alert = renderAlert(toldOf(situation.code, { ...situation, ids }));

    const { chat, email, notification } = readAlert(alert);
    const { description, nextSteps } = notification.content;
    expect(`${chat}${email}`).not.toContain('…');
    expect(description.length).toBeLessThanOrEqual(8000);
    expect(nextSteps.filter(({ length }) => length > 350)).toEqual([]);
    expect(sizeOf(alert)).toBeLessThan(SNS_LIMIT);
    const commands = email.match(/^ {5}\S.*$/gm)?.map((line) => line.trim()) ?? [];
    expect(commands.filter((command) => !description.includes(command))).toEqual([]);
  });

  it('says in the e-mail everything, in the order in which it is needed', () => {
    const details = {
      operation: 'UpdateSecretVersionStage',
      attempts: 3,
      currentVersionId: 'none',
    };

    const { email } = readAlert(
      renderAlert(toldOf('NOT_PROMOTED', { step: 'finishSecret', details })),
    );

    expect(email.slice(email.indexOf('IDS AND DETAILS'))).toBe(
      [
        'IDS AND DETAILS',
        '',
        'message           NOT_PROMOTED: the reason',
        'code              NOT_PROMOTED',
        'risk              consumers',
        'step              finishSecret',
        'secretName        prod/app/gitlab',
        `secretArn         ${arnOf('prod/app/gitlab')}`,
        `versionId         ${VERSION}`,
        'functionName      rotate-gitlab',
        'region            eu-central-1',
        'requestId         33333333-cccc-4ccc-8ccc-333333333333',
        'operation         UpdateSecretVersionStage',
        'attempts          3',
        'currentVersionId  none',
      ].join('\n'),
    );
  });

  it('writes each step with its commands apart, so that they can be copied', () => {
    const { email } = readAlert(renderAlert(toldOf('EVENT_INVALID')));

    expect(email.slice(0, email.indexOf('IDS AND DETAILS'))).toBe(
      [
        'EVENT_INVALID: prod/app/gitlab',
        '',
        'WHAT HAPPENED',
        '',
        'The function was invoked with something that is not a rotation event of Secrets Manager, so it did nothing.',
        '',
        'WHO IS AFFECTED',
        '',
        'Nobody yet: this run changed nothing. If the same rotation sent an earlier alert, that still applies. Once the token expires, everybody who reads this secret.',
        '',
        'WHAT TO DO',
        '',
        '1. If somebody invoked it by hand, start a rotation like this instead.',
        '',
        `     aws secretsmanager rotate-secret --secret-id ${arnOf('prod/app/gitlab')} --region eu-central-1`,
        '',
        '2. If nobody did, see who may invoke the function.',
        '',
        '     aws lambda get-policy --function-name rotate-gitlab --query Policy --output text --region eu-central-1',
        '',
        '',
        '',
      ].join('\n'),
    );
  });

  it('tells no detail whose name is no word', () => {
    const details = { 'not a word': 'first', word: 'second' };

    const { message } = renderAlert(toldOf('UNEXPECTED', { details }));

    expect(message).not.toContain('first');
    expect(message).toContain('second');
  });

  it('gives programs every id as a text', () => {
    const details = { tokenId: '12', status: 400, problems: ['one', 'two'], empty: '' };

    const alert = renderAlert(toldOf('SUCCESSOR_NOT_STORED', { step: 'createSecret', details }));

    expect(readAlert(alert).notification.metadata.additionalContext).toStrictEqual({
      tokenId: '12',
      status: '400',
      problems: 'one, two',
      secretName: 'prod/app/gitlab',
      secretArn: arnOf('prod/app/gitlab'),
      versionId: VERSION,
      functionName: 'rotate-gitlab',
      region: 'eu-central-1',
      requestId: '33333333-cccc-4ccc-8ccc-333333333333',
      code: 'SUCCESSOR_NOT_STORED',
      risk: 'consumers',
      step: 'createSecret',
    });
  });

  it('tells code, risk and step, whatever a detail claims', () => {
    const details = { code: 'HARMLESS', risk: 'none', step: 'no', secretArn: 'another' };

    const alert = renderAlert(toldOf('SUCCESSOR_LOST', { details }));

    expect(alert.attributes).toStrictEqual({
      code: 'SUCCESSOR_LOST',
      risk: 'consumers',
      step: 'none',
    });
    expect(readAlert(alert).notification.metadata.additionalContext).toMatchObject({
      ...alert.attributes,
      secretArn: arnOf('prod/app/gitlab'),
    });
  });

  it('tells of an event that names no secret', () => {
    const alert = renderAlert(toldOf('EVENT_INVALID', { ids: {} }));

    const { notification } = readAlert(alert);
    expect(alert.subject).toBe('[gitlab-token-rotation] EVENT_INVALID');
    expect(notification.content.title).toBe('EVENT_INVALID');
    expect(notification.metadata.threadId).toBe('EVENT_INVALID');
  });

  it('keeps what belongs to one secret in one thread where the version is unknown', () => {
    const alert = renderAlert(toldOf('UNEXPECTED', { ids: { secretId: arnOf('app') } }));

    expect(readAlert(alert).notification.metadata.threadId).toBe(arnOf('app'));
  });
});

describe('the subject', () => {
  it('keeps beginning and end of a long name, which tell it from others', () => {
    const secretId = arnOf(`begin-${'x'.repeat(300)}-end`);

    const { subject } = renderAlert(toldOf('ROTATION_OUTCOME_UNKNOWN', { ids: { secretId } }));

    expect(subject).toHaveLength(99);
    expect(subject).toMatch(
      /^\[gitlab-token-rotation\] ROTATION_OUTCOME_UNKNOWN: begin-x+\.\.\.x+-end$/,
    );
  });

  it('is printable ASCII, whatever the secret is called', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 400 }), (secretId) => {
        const { subject } = renderAlert(toldOf('UNEXPECTED', { ids: { secretId } }));

        expect(subject).toMatch(/^\[gitlab-token-rotation\] UNEXPECTED(: [\x20-\x7e]+)?$/);
        expect(subject.length).toBeLessThanOrEqual(99);
      }),
    );
  });
});
