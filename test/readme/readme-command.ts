import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

export const README = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');

/** The first shell block after a text, which stands in the README once. */
export function commandAfter(heading: string): string {
  const [, rest = '', again] = README.split(heading);
  expect(again, `${heading} stands in the README more than once`).toBeUndefined();
  return /^```sh\n(.*?)^```$/ms.exec(rest)?.[1] ?? '';
}
