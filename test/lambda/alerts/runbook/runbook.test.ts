import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Runbook } from '../../../../lambda/alerts/runbook.ts';
import { keysOf } from '../../../../lambda/alerts/runbook-keys.ts';
import {
  DIGESTS,
  FINDINGS,
  NOTICES,
  RISKS,
  RotationError,
  riskAt,
  STEPS,
} from '../../../../lambda/failure.ts';
import { FAILURE_CODES } from '../cases.ts';
import { FINDING_CODES, FOUND } from '../finding-situations.ts';
import { aboutIn, adviseIn, riskIn } from '../situation.ts';
import { EVERYWHERE } from '../situations.ts';

const PAGE = readFileSync(
  join(import.meta.dirname, '../../../../lambda/alerts/runbook.md'),
  'utf8',
);

const FINDINGS_CHAPTER = 'Findings of the daily watch';

/** The page from one heading of the second order to the next. */
function chapter(title: string): string {
  return PAGE.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
}

/** An entry without what stands below it. */
function entryOf(code: string): string {
  const [, text = ''] = PAGE.split(`\n### ${code}\n`);
  return text.split(/^##/m)[0] ?? '';
}

/** Everything in a chapter that can be picked. */
function keysIn(title: string): readonly string[] {
  const [, ...entries] = chapter(title).split(/^### /m);
  return entries.flatMap((text) => {
    const [name, ...below] = text.split(/^#### /m).map((each) => each.split('\n', 1)[0]);
    const rows = [...text.matchAll(/^\| `(.+?)` \|/gm)].map(([, key]) => key);
    return [String(name), ...[...below, ...rows].map((key) => `${name}/${key}`)];
  });
}

/** As GitHub makes it. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

describe('the runbook', () => {
  it('has an entry for every code, and for no other', () => {
    const entries = (title: string) => keysIn(title).filter((key) => !key.includes('/'));

    expect(entries('Failures').toSorted()).toEqual(FAILURE_CODES.toSorted());
    expect(entries('Notices').toSorted()).toEqual(NOTICES.toSorted());
    // Those that are failures, too, have one entry.
    const others = FINDING_CODES.filter((code) => !(code in RISKS));
    expect(entries(FINDINGS_CHAPTER).toSorted()).toEqual([...others, ...DIGESTS].toSorted());
  });

  it.each(FINDING_CODES.filter((code) => !(code in RISKS)))(
    'gives the risk of the finding %s as it is',
    (code) => {
      const [, risk = FINDINGS[code]] = /\*Risk: (\w+)\*/.exec(entryOf(code)) ?? [];

      expect(risk).toBe(FINDINGS[code]);
    },
  );

  it.each([...FAILURE_CODES, ...NOTICES, ...FINDING_CODES, ...DIGESTS])(
    'says what, who and what to do: %s',
    (code) => {
      const entry = entryOf(code);

      expect(entry).toMatch(/^\*\*What happened\.\*\* \S/m);
      expect(entry).toMatch(/^\*\*Who is affected\.\*\* \S/m);
      expect(entry).toMatch(/^\*\*What to do\.\*\*|^\| \w+ \| What happened \| What to do \|$/m);
    },
  );

  it.each(FAILURE_CODES)('gives the risk of %s as it is', (code) => {
    const [, risk = RISKS[code]] = /\*Risk: (\w+)\*/.exec(entryOf(code)) ?? [];

    expect(risk).toBe(RISKS[code]);
  });

  it('names whatever does not affect consumers once createSecret is through', () => {
    const steps = STEPS.filter((step) => step !== 'createSecret');
    const others = FAILURE_CODES.flatMap((code) => {
      const failure = new RotationError(code, 'as it may be');
      const where = steps.filter((step) => riskAt(step, failure) !== 'consumers');
      expect(where.filter((step) => riskAt(step, failure) !== 'unknown')).toEqual([]);
      const all = where.length === steps.length ? 'any later step' : where.join(', ');
      return where.length === 0 ? [] : [`\`${code}\` in ${all}`];
    });

    const [, exceptions] = /^- (.*?) have the risk `unknown`/m.exec(PAGE) ?? [];
    expect(exceptions).toBe(others.join(' and '));
  });

  it('has no section that no alert says, and no alert has one that is not there', () => {
    const runbook = new Runbook();
    const said = new Set(
      [...EVERYWHERE, ...FOUND].flatMap((situation) =>
        keysOf(aboutIn(situation), riskIn(situation), runbook),
      ),
    );
    const chapters = [
      'Who is affected',
      'Failures',
      'Notices',
      FINDINGS_CHAPTER,
      'What else the alert says',
      'How far the rotation was',
    ];
    // Headings for people, of what stands in rows and below.
    const forPeople = [
      'gitlabSays',
      'reason',
      'recoveryRefusal',
      'refusal',
      'risk',
      'risk of a finding',
      'salvage',
    ];

    expect([...said, ...forPeople].toSorted()).toEqual(chapters.flatMap(keysIn).toSorted());
  });

  it('has no step and no command that no alert gives', () => {
    const texts = [...EVERYWHERE, ...FOUND]
      .flatMap((situation) => adviseIn(situation).todo)
      .map(({ text, commands }) => [text, ...commands].join('\n'));
    const given = [...new Set(texts)].join('\n');

    // As far as nothing is filled in.
    const steps = [...PAGE.matchAll(/^\d\. ([^[`\n]+)/gm)].map(([, text = '']) => text.trim());
    const commands = [...PAGE.matchAll(/^ *((?:\( |aws |[A-Z_]+=\$)[^"$]+)/gm)].map(
      ([, text = '']) => text,
    );
    expect(steps.length).toBeGreaterThan(70);
    expect(commands.length).toBeGreaterThan(10);
    expect([...steps, ...commands].filter((text) => !given.includes(text.trim()))).toEqual([]);
  });

  it('leads from every link to one heading, and to every procedure and command', () => {
    const anchors = [...PAGE.matchAll(/^#{2,4} (.+)$/gm)].map(([, title = '']) => anchorOf(title));
    const links = [...PAGE.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor = '']) => anchor);
    const targets = [...keysIn('Procedures'), ...keysIn('Commands')].map(anchorOf);

    for (const link of links) {
      expect([link, anchors.filter((each) => each === link)]).toEqual([link, [link]]);
    }
    expect(targets.filter((anchor) => !links.includes(anchor))).toEqual([
      // The alert says it by itself.
      'set-the-variables',
      // The twin of `use-the-found-token`.
      'use-the-found-standby',
    ]);
  });

  it('says what every variable of its commands stands for', () => {
    const explained = [...chapter('Variables').matchAll(/^\| `(\w+)` \|/gm)].map(
      ([, name]) => name,
    );
    const commands = PAGE.split('\n').filter((line) =>
      /^ *(?:\( |aws |[A-Z_]+=\$|echo )/.test(line),
    );
    const set = commands
      .join('\n')
      .matchAll(/^ *([A-Z_]+)=\$\(|read -rs ([A-Z_]+)|echo "\$(\w+)/gm);
    const known = [...explained, ...[...set].flatMap(([, ...names]) => names)];

    const used = [...commands.join('\n').matchAll(/\$([A-Z_]+)/g)].map(([, name]) => name);
    expect(new Set(used).size).toBeGreaterThan(10);
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
    expect(explained.filter((name) => !used.includes(name))).toEqual([]);
  });
});

describe(Runbook, () => {
  const PAGE_OF_TWO = [
    '# Page',
    '',
    'For people.',
    '',
    '### One',
    '',
    'For people.',
    '',
    '**What happened.** It `failed`.',
    '',
    '**Who is affected.** *Risk: none*',
    '',
    '**What to do.** Follow this:',
    '',
    '1. Look.',
    '2. Do both.',
    '   ```sh',
    '   first --option "x"',
    '   ( second )',
    '   ```',
    '',
    '**Then.** [Go on](#go-on-for-ever)',
    '',
    '#### part, of it',
    '',
    '**First.**',
    '',
    '1. Below.',
    '',
    '### Table',
    '',
    '| key | What happened | What to do |',
    '| --- | --- | --- |',
    '| `a` | A fell. | Stand up.<br>Walk. |',
    '| `b` | | |',
    '',
    '### Go on, for ever',
    '',
    '```sh',
    'third',
    'fourth',
    '```',
    '',
    '## Steps',
    '',
    '1. Alone.',
  ].join('\n');
  const runbook = new Runbook(PAGE_OF_TWO);
  const step = (text: string, commands: readonly string[] = []) => ({ text, commands });

  it('reads the parts of an entry', () => {
    expect(runbook.section('One')).toMatchObject({
      'What happened': { text: 'It `failed`.', steps: [], commands: [] },
      'Who is affected': { text: '', steps: [] },
      'What to do': {
        steps: [step('Look.'), step('Do both.', ['first --option "x"', '( second )'])],
      },
      Then: { steps: [step('[Go on](#go-on-for-ever)')] },
    });
  });

  it('reads what stands below an entry, apart from it', () => {
    expect(runbook.section('One/part, of it')).toMatchObject({
      First: { steps: [step('Below.')] },
    });
    expect(runbook.section('One')).not.toHaveProperty('First');
  });

  it('reads a row, whose cells are sentences or steps', () => {
    expect(runbook.section('Table/a')).toMatchObject({
      'What happened': { text: 'A fell.' },
      'What to do': { steps: [step('Stand up.'), step('Walk.')] },
    });
    expect(runbook.section('Table/b')).toMatchObject({
      'What happened': { text: '' },
      'What to do': { steps: [] },
    });
  });

  it.each(['Two', 'Table/c', 'One/a', 'constructor', 'Table/toString', 'part, of it'])(
    'has no section %s',
    (key) => {
      expect(runbook.section(key)).toBeUndefined();
    },
  );

  it('finds the commands and the steps that a link leads to', () => {
    expect(runbook.linked('go-on-for-ever')).toMatchObject({
      steps: [],
      commands: ['third', 'fourth'],
    });
    expect(runbook.linked('steps')).toMatchObject({ steps: [step('Alone.')], commands: [] });
    expect(runbook.linked('nowhere')).toBeUndefined();
  });
});
