import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

export const ROOT = join(import.meta.dirname, '..', '..', '..');

/** What people read, by the path from the root. */
export const DOCUMENTS: ReadonlyMap<string, string> = new Map(
  [
    'README.md',
    'lambda/README.md',
    'lambda/alerts/runbook.md',
    'infra/README.md',
    'infra/operations.md',
    'infra/construct/README.md',
    'test/README.md',
    'test/bench/README.md',
    'test/prove/simulation/README.md',
  ].map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
);

export const README = DOCUMENTS.get('README.md') ?? '';
/** All of them, one after the other. */
export const ALL = [...DOCUMENTS.values()].join('\n');

/** What stands under a heading, up to the next one of its level. It stands in the documents once. */
export function section(heading: string): string {
  const sections = [...DOCUMENTS.values()].flatMap((text) => text.split(/^## /m).slice(1));
  const [found, ...again] = sections.filter((text) => text.startsWith(`${heading}\n`));
  expect(again, `${heading} is a heading of the documents more than once`).toEqual([]);
  expect(found, `${heading} is no heading of the documents`).toBeDefined();
  return found ?? '';
}

/** The code blocks of one language, in their order. One that belongs to a step of a list is indented. */
export function blocks(language: string, text = ALL): string[] {
  const pattern = new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms');
  return [...text.matchAll(pattern)].map(([, indent = '', code = '']) =>
    code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/** Every line of the shell blocks that begins so, once. */
export function commands(start: string, text = ALL): string[] {
  const lines = blocks('sh', text).flatMap((block) => block.split('\n'));
  return [...new Set(lines.filter((line) => line.startsWith(start)))];
}

/** The first shell block after a text, which stands in the documents once. */
export function commandAfter(heading: string): string {
  const [, rest = '', ...again] = ALL.split(heading);
  expect(again, `${heading} stands in the documents more than once`).toEqual([]);
  const [block] = blocks('sh', rest);
  expect(block, `${heading} does not stand in the documents, or no command after it`).toBeDefined();
  return block ?? '';
}
