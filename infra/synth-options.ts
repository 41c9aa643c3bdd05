import { parseArgs } from 'node:util';
import { HELP_OPTION } from './terminal/command.ts';

const OPTIONS = {
  help: HELP_OPTION,
  output: { type: 'string', short: 'o' },
  context: { type: 'string', short: 'c', multiple: true },
} as const;

/** What this project reads of the options of `npm run synth`. The others are for cdk to read. */
export interface SynthOptions {
  readonly help: boolean;
  /** Folder of the cloud assembly. @default 'cdk.out' */
  readonly output: string;
  /** As `<key>=<value>`. */
  readonly context: readonly string[];
  /** All but the output folder, in their order. */
  readonly others: readonly string[];
}

/** Takes the output folder out, in any form: `-o x`, `-ox`, `-o=x`, `--output=x`. */
export function readOptions(args: readonly string[]): SynthOptions {
  const { values, tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    strict: false,
    tokens: true,
  });
  const others: (string | undefined)[] = [...args];
  let output = '';
  for (const token of tokens) {
    // Without a value cdk says so.
    if (token.kind === 'option' && token.name === 'output' && token.value !== undefined) {
      output = token.value.replace(/^=/, '');
      // What stands before it in `-vox` stays.
      const before = /^-[^-o]+/.exec(args[token.index] ?? '')?.[0];
      others[token.index] = before;
      if (!token.inlineValue) {
        others[token.index + 1] = undefined;
      }
    }
  }
  return {
    help: values.help === true,
    output: output || 'cdk.out',
    context: (values.context ?? []).map(String),
    others: others.filter((arg) => arg !== undefined),
  };
}
