import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** `styleText` leaves out colours where the output is no terminal, and where NO_COLOR is set. */
function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export const good = (text: string) => paint('green', text);
export const bad = (text: string) => paint('red', text);
export const doubtful = (text: string) => paint('yellow', text);
export const strong = (text: string) => paint('bold', text);
export const faint = (text: string) => paint('dim', text);

/** Moves what is not empty two blanks to the right. */
export function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
}
