import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderAlert } from '../../../../lambda/alerts/alert.ts';
import { clip, clipMiddle } from '../../../../lambda/alerts/text.ts';
import { RotationError } from '../../../../lambda/failure.ts';
import { anyText } from '../../../rig/any-text.ts';
import { CODES } from '../cases.ts';
import { readAlert, SNS_LIMIT, sizeOf, toldOf } from './alert-cases.ts';

describe('a text from outside', () => {
  const text = anyText({ maxLength: 6000, size: 'max' });
  const detail = fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text, { maxLength: 4 }));
  const key = fc.oneof(fc.string(), fc.stringMatching(/^\w{1,40}$/));
  const details = fc.dictionary(key, detail, { maxKeys: 30, size: 'max' });
  const ids = fc.record(
    { secretId: text, versionId: text, requestId: text, functionName: text, region: text },
    { requiredKeys: [] },
  );

  it('never breaks a limit of SNS or of the chat, nor a line', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CODES), ids, details, (code, givenIds, givenDetails) => {
        const alert = renderAlert(toldOf(code, { ids: givenIds, details: givenDetails }));

        const { chat, email, notification } = readAlert(alert);
        const { content } = notification;
        expect(sizeOf(alert)).toBeLessThan(SNS_LIMIT);
        expect(alert.message.isWellFormed()).toBe(true);
        expect(content.title.length).toBeLessThanOrEqual(250);
        expect(content.description.length).toBeLessThanOrEqual(8000);
        expect(Math.max(...content.nextSteps.map(({ length }) => length))).toBeLessThanOrEqual(350);
        expect(Math.max(...content.keywords.map(({ length }) => length))).toBeLessThanOrEqual(75);
        expect(chat).not.toMatch(/<[@!]/);
        expect(email).not.toMatch(/[^\P{C}\n]/u);
        expect(content.description).not.toMatch(/[^\P{C}\n]/u);
      }),
      // A counter-example of this size would be shrunk for hours.
      { numRuns: 60, endOnFailure: true },
    );
  });

  it.each(['"', '\\', '<', '\u{1f600}', '€', '`'])('fits however much of %s it holds', (unit) => {
    const long = unit.repeat(5000);
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`key${index}`, long]),
    );
    const given = {
      secretId: long,
      versionId: long,
      requestId: long,
      functionName: long,
      region: long,
    };
    const failure = new RotationError('SUCCESSOR_NOT_STORED', long, { details: many });

    const alert = renderAlert({ ...given, failure });

    expect(sizeOf(alert)).toBeLessThan(SNS_LIMIT);
    expect(alert.message.isWellFormed()).toBe(true);
  });

  it('is one line without characters that hide or reorder others', () => {
    const details = { reason: '\r\none\r\ntwo\u202Ethree\u2028four\u0000five\ud800six\n' };

    const { email, notification } = readAlert(renderAlert(toldOf('UNEXPECTED', { details })));

    expect(email).toMatch(/\nreason +one two three four five six$/);
    expect(notification.metadata.additionalContext['reason']).toBe('one two three four five six');
  });

  it('is not cut where it just fits', () => {
    expect(clip('1234', 4)).toBe('1234');
    expect(clip('12345', 4)).toBe('123…');
    expect(clipMiddle('12345678', 8)).toBe('12345678');
    expect(clipMiddle('123456789', 8)).toBe('12...789');
  });

  it('is not cut in the middle of a character', () => {
    const { email } = readAlert(
      renderAlert(toldOf('UNEXPECTED', { details: { reason: `a${'\u{1f600}'.repeat(300)}` } })),
    );

    expect(email).toMatch(/\nreason +a(\u{1f600})+…$/u);
  });
});
