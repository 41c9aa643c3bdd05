import type { Risk } from '../failure.ts';
import { type Action, Runbook, type Section } from './runbook.ts';
import { isAboutStandby, keysOf, riskKey } from './runbook-keys.ts';
import {
  type About,
  fillCommands,
  fillText,
  type Values,
  valuesOf,
  variablesIn,
} from './runbook-values.ts';

/** What people are told of a failure or a notice, in plain text. */
export interface Advice {
  readonly happened: string;
  readonly affected: string;
  readonly todo: readonly Action[];
}

/**
 * Says what happened, who is affected and what to do next, as the runbook does
 * for this failure or notice.
 *
 * @param risk - of this failure in this step; a notice has none
 */
export function adviseOn(about: About, risk: Risk): Advice {
  const runbook = new Runbook();
  const values = valuesOf(about);
  const sections = keysOf(about, risk, runbook)
    .map((key) => runbook.section(key))
    .filter((section) => section !== undefined);
  const steps = stepsOf(sections).flatMap((step) => follow(runbook, step, isAboutStandby(about)));
  return {
    happened: fillText(happenedIn(sections).join(' '), values),
    affected: fillText(sentences(sections, 'Who is affected').slice(-1).join(''), values),
    todo: fillSteps(runbook, steps, values),
  };
}

/** What the entry of a finding says in general, whatever the details. */
export function summaryOf(code: About['code'], risk: Risk): Pick<Advice, 'happened' | 'affected'> {
  const runbook = new Runbook();
  const sections = [riskKey({ found: true }, risk), code]
    .map((key) => runbook.section(key))
    .filter((section) => section !== undefined);
  return {
    happened: fillText(happenedIn(sections).join(' '), {}),
    affected: fillText(sentences(sections, 'Who is affected').slice(-1).join(''), {}),
  };
}

/** The most general comes first, but for what a more specific section says instead. */
function happenedIn(sections: readonly Section[]): readonly string[] {
  const from = sections.findLastIndex((section) => section['What happened instead'] !== undefined);
  return [
    ...sentences(sections.slice(from, from + 1), 'What happened instead'),
    ...sentences(sections.slice(from + 1), 'What happened'),
  ];
}

function sentences(sections: readonly Section[], name: string): readonly string[] {
  return sections.flatMap((section) => section[name]?.text || []);
}

/** The most specific comes first, and what comes first or then of itself around it. */
function stepsOf(sections: readonly Section[]): readonly Action[] {
  const todo = sections.reduce<readonly Action[]>(
    (steps, section) => [
      ...stepsIn(section, 'What to do'),
      ...(section['What to do instead']?.steps ?? steps),
    ],
    [],
  );
  const last = sections.findLast((section) => section['Then'] !== undefined);
  return [
    ...sections.flatMap((section) => stepsIn(section, 'First')),
    ...todo,
    ...(last === undefined ? [] : stepsIn(last, 'Then')),
  ];
}

function stepsIn(section: Section, name: string): readonly Action[] {
  return section[name]?.steps ?? [];
}

const LINK = /\[([^\]]+)\]\(#([\w-]+)\)/;

/**
 * A link to a procedure ends a step, and its steps take the place of the link.
 * A link to a command leaves its words there, and the command follows the step.
 */
function follow(runbook: Runbook, step: Action, isStandby: boolean): readonly Action[] {
  const [link = '', words = '', anchor = ''] = LINK.exec(step.text) ?? [];
  // Of a pair of procedures, the one for the token that is meant.
  const twin = isStandby ? runbook.linked(anchor.replace(/token$/, 'standby')) : undefined;
  const part = twin ?? runbook.linked(anchor);
  if (part === undefined) {
    return [step];
  }
  const { steps, commands } = part;
  const [head, ...rest] = steps;
  const followed =
    head === undefined
      ? [{ text: step.text.replace(link, () => words), commands: [...step.commands, ...commands] }]
      : [{ ...head, text: step.text.replace(link, () => head.text) }, ...rest];
  return followed.flatMap((each) => follow(runbook, each, isStandby));
}

/** Before the first command that needs it, a step says what a variable is that nobody knows here. */
function fillSteps(runbook: Runbook, steps: readonly Action[], values: Values): readonly Action[] {
  const told = new Set<string>();
  return steps.flatMap(({ text, commands }) => {
    const filled = { text: fillText(text, values), commands: fillCommands(commands, values) };
    const unknown = variablesIn(filled.commands.join('\n')).flatMap((name) => {
      const meaning = runbook.section(`Variables/${name}`)?.['Value']?.text;
      return meaning === undefined || told.has(name) ? [] : [{ name, meaning }];
    });
    for (const { name } of unknown) {
      told.add(name);
    }
    const variables = unknown.map(({ name, meaning }) => `${name} (${meaning})`).join(', ');
    return [...(variables === '' ? [] : settingSteps(runbook, variables)), filled];
  });
}

function settingSteps(runbook: Runbook, VARIABLES: string): readonly Action[] {
  return follow(runbook, { text: '[Set](#set-the-variables)', commands: [] }, false).map(
    ({ text, commands }) => ({ text: fillText(text, { VARIABLES }), commands }),
  );
}
