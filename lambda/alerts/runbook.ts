import runbookPage from './runbook.md' with { type: 'text' };

/** One thing to do: a sentence or two, and the commands that do it, one a line. */
export interface Action {
  readonly text: string;
  readonly commands: readonly string[];
}

/** One part of a section: a sentence or more, or a numbered list, or commands alone. */
export interface Part {
  readonly text: string;
  readonly steps: readonly Action[];
  readonly commands: readonly string[];
}

/** By the words in bold that begin a part, or by the head of a column. */
export type Section = Readonly<Record<string, Part>>;

/** What stands before all words in bold. */
const OPENING = '';

const HEADINGS = /\n(?=#{2,4} )/;
const PARTS = /^(?=\*\*[\w ]+\.\*\*)/m;
const PART = /^\*\*([\w ]+)\.\*\* ?/;
const STEP = /^\d+\. (.+)((?:\n {3}.*)*)/gm;
const STEP_COMMANDS = /(?<=^ {3})[^ `].*/gm;
const COMMANDS = /^```sh\n(.*?)\n```$/gms;
const ROW = /^\| `(.+?)` \|(.*)\|$/gm;
const HEAD = /^\| \w+ \|(.*)\|$/m;
/** In italics: a remark for people. */
const REMARK = /^\*.*\*$/;

/** The page for people, as far as alerts are made of it. Read only when there is one. */
export class Runbook {
  readonly #texts = new Map<string, string>();
  readonly #anchors = new Map<string, string>();

  constructor(page = runbookPage) {
    let above = '';
    for (const text of page.split(HEADINGS)) {
      const heading = text.slice(0, text.indexOf('\n'));
      const title = heading.replace(/^#+ /, '');
      const isBelow = heading.startsWith('#### ');
      above = isBelow ? above : title;
      this.#texts.set(isBelow ? `${above}/${title}` : title, text);
      this.#anchors.set(anchorOf(title), text);
    }
  }

  /** What stands under `heading` or `heading/heading below`, or in the row `heading/key`. */
  section(key: string): Section | undefined {
    const text = this.#texts.get(key);
    const [heading = '', row] = key.split('/', 2);
    return text === undefined ? readRow(this.#texts.get(heading) ?? '', row) : readSection(text);
  }

  /** The steps or commands to which a link leads. */
  linked(anchor: string): Part | undefined {
    const text = this.#anchors.get(anchor);
    return text === undefined ? undefined : readSection(text)[OPENING];
  }
}

/** As GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

function readSection(text: string): Section {
  const parts = text.split(PARTS).map((part) => {
    const [bold = '', name = OPENING] = PART.exec(part) ?? [];
    return [name, readPart(part.slice(bold.length))];
  });
  return Object.fromEntries(parts);
}

/** The first line is the sentence; where it is a link, it is a step. */
function readPart(part: string): Part {
  const [line = ''] = part.split('\n', 1);
  const steps = [...part.matchAll(STEP)].map(([, text = '', below = '']) => ({
    text,
    commands: below.match(STEP_COMMANDS) ?? [],
  }));
  return {
    text: REMARK.test(line) ? '' : line,
    steps: line.startsWith('[') ? [{ text: line, commands: [] }] : steps,
    commands: [...part.matchAll(COMMANDS)].flatMap(([, commands = '']) => commands.split('\n')),
  };
}

/** A cell is a sentence or a list, as its column needs it. */
function readRow(text: string, key: string | undefined): Section | undefined {
  const [, head = ''] = HEAD.exec(text) ?? [];
  const [, , row] = [...text.matchAll(ROW)].find(([, name]) => name === key) ?? [];
  const cells = row?.split('|').map((cell) => cell.trim());
  const columns = head.split('|').map((column) => column.trim());
  return (
    cells &&
    Object.fromEntries(cells.map((cell, index) => [columns[index], readCell(cell)] as const))
  );
}

function readCell(text: string): Part {
  const steps = text === '' ? [] : text.split('<br>');
  return { text, steps: steps.map((step) => ({ text: step, commands: [] })), commands: [] };
}
