import { paragraph } from '../../infra/terminal/layout.ts';

/** A text on the left, in as many lines as it takes, and cells at the right end of the last. */
export function tableRow(
  text: string,
  cells: string,
  { width, textWidth }: { readonly width: number; readonly textWidth: number },
): string {
  const room = Math.min(textWidth, width - cells.length);
  const lines = [...paragraph(text, room - 1)];
  const last = lines.pop() ?? '';
  return [...lines, `${last.padEnd(room)}${cells}`].join('\n');
}
