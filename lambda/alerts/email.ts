import type { Advice } from './advice.ts';
import type { Action } from './runbook.ts';
import type { Fact } from './text.ts';

/** An alert as plain text: what happened, who is affected, what to do, and the ids. */
export function renderEmail(title: string, advice: Advice, facts: readonly Fact[]): string {
  const width = Math.max(...facts.map(([label]) => label.length)) + 2;
  return [
    title,
    section('WHAT HAPPENED', [advice.happened]),
    section('WHO IS AFFECTED', [advice.affected]),
    renderSteps(advice.todo),
    section(
      'IDS AND DETAILS',
      facts.map(([label, value]) => `${label.padEnd(width)}${value}`),
    ),
  ].join('\n\n');
}

/** What to do, one step after the other. */
export function renderSteps(todo: readonly Action[]): string {
  return section('WHAT TO DO', todo.map(renderAction));
}

function section(heading: string, lines: readonly string[]): string {
  return [heading, '', ...lines].join('\n');
}

function renderAction({ text, commands }: Action, index: number): string {
  const lines = [`${index + 1}. ${text}`, ...commands.map((command) => `\n     ${command}`)];
  return `${lines.join('\n')}\n`;
}
