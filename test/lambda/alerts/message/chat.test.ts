import { describe, expect, it } from 'vitest';
import { renderAlert } from '../../../../lambda/alerts/alert.ts';
import { arnOf, IDS } from '../cases.ts';
import { readAlert, toldOf } from './alert-cases.ts';

describe('the chat message', () => {
  it('calls nobody and links to nothing', () => {
    const secretId = '<!channel> <@U123> <https://example.com|here>';
    const details = { reason: '<@U123>', labels: ['<!here>'] };

    const { chat } = readAlert(renderAlert(toldOf('UNEXPECTED', { ids: { secretId }, details })));

    expect(chat).not.toContain('<');
    expect(chat).toContain('‹!channel> ‹@U123> ‹https://example.com|here>');
  });

  it('shows what comes from outside as code, which it cannot end', () => {
    const details = { reason: '`*bold*`' };

    const { notification } = readAlert(renderAlert(toldOf('UNEXPECTED', { details })));

    expect(notification.content.description).toContain("\nreason: `'*bold*'`");
  });

  it('shows the commands of each step as code, one by one', () => {
    const { email, notification } = readAlert(renderAlert(toldOf('VERSION_NOT_STAGED')));

    const [labels, value, find, promote, rotate] =
      email.match(/^ {5}\S.*$/gm)?.map((line) => `\`\`\`${line.trim()}\`\`\``) ?? [];
    expect(notification.content.description).toContain(
      [
        '',
        '*For step 1*',
        labels,
        '*For step 2*',
        value,
        '*For step 3*',
        find,
        promote,
        '*For step 4*',
        rotate,
        '*Ids and details*',
        'message: `VERSION_NOT_STAGED: the reason`',
        '',
      ].join('\n'),
    );
  });

  it('leaves out whole lines where not all fit, never half a command', () => {
    const secretId = arnOf('n'.repeat(500));
    const details = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`key${index}`, 'd'.repeat(290)]),
    );

    const alert = renderAlert(
      toldOf('SUCCESSOR_NOT_STORED', { ids: { ...IDS, secretId }, details }),
    );

    const { email, notification } = readAlert(alert);
    const { description } = notification.content;
    expect(description.length).toBeLessThanOrEqual(8000);
    expect(description.length).toBeGreaterThan(7000);
    expect(description).not.toContain('key19');
    for (const command of email.match(/^ {5}\S.*$/gm) ?? []) {
      expect(description).toContain(`\`\`\`${command.trim()}\`\`\``);
    }
    for (const line of description.split('\n')) {
      expect(line).toMatch(/`$|\*$|\.$/);
    }
  });

  it('fills the description to the last character that a chat takes', () => {
    const lines = Array.from({ length: 19 }, (_, index) => [`key${index}`, 'd'.repeat(280)]);
    const lengths = Array.from({ length: 300 }, (_, filled) => {
      const details = { filled: 'd'.repeat(filled + 1), ...Object.fromEntries(lines) };
      const { notification } = readAlert(renderAlert(toldOf('SUCCESSOR_NOT_STORED', { details })));
      return notification.content.description.length;
    });

    expect(Math.max(...lengths)).toBe(8000);
  });

  it('shows the beginning of a long detail', () => {
    const details = { reason: 'd'.repeat(400) };

    const { email, notification } = readAlert(renderAlert(toldOf('UNEXPECTED', { details })));

    expect(notification.content.description).toContain(`\nreason: \`${'d'.repeat(299)}…\``);
    expect(email).toContain(`reason        ${'d'.repeat(400)}`);
  });
});
