/** For outputs without a width: a pipe, a file. */
const USUAL_WIDTH = 80;
/** Narrower than this, nothing can be laid out. */
const LEAST_WIDTH = 40;

/** Columns of the terminal, or those that COLUMNS asks for. */
export function outputWidth(): number {
  const columns = process.stdout.columns || Number(process.env['COLUMNS']) || USUAL_WIDTH;
  return Math.max(LEAST_WIDTH, columns);
}

/** Breaks a text at its blanks; a word that is longer than a line stays whole. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length === 0 || longer.length > width) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = longer;
    }
  }
  return lines;
}

/** Wraps a text whose lines after the first stand as far to the right as the first. */
export function paragraph(text: string, width: number): readonly string[] {
  const blanks = /^ */.exec(text)?.[0] ?? '';
  return wrap(text.trim(), width - blanks.length).map((line) => `${blanks}${line}`);
}

/** A name, padded to its column, and beside it a text in as many lines as it takes. */
export function beside(name: string, text: string, width: number): readonly string[] {
  const blanks = ' '.repeat(name.length);
  return wrap(text, width - name.length).map((line, index) =>
    `${index === 0 ? name : blanks}${line}`.trimEnd(),
  );
}

/** Of the column with the names of options. */
const NAME_WIDTH = 20;

/** Names below each other, and beside each a text: the options of a command. */
export function list(entries: Readonly<Record<string, string>>, width: number): readonly string[] {
  return Object.entries(entries).flatMap(([name, text]) =>
    beside(`  ${name.padEnd(NAME_WIDTH)}`, text, width),
  );
}
