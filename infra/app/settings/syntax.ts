import {
  findNodeAtLocation,
  type JSONPath,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { holdsToken } from '../../construct/checks/token.ts';
import type { Path, SettingsProblem } from './messages.ts';

export { TOKEN_PROBLEM } from '../../construct/checks/token.ts';

/** JSON text, and where in it everything is. */
export class JsonText {
  readonly #text: string;
  readonly #root: Node | undefined;
  /** The value of the text. A member that is there twice has its last value. */
  readonly value: unknown;

  /** @throws {Error} with line and column of the first error of syntax */
  constructor(text: string) {
    const errors: ParseError[] = [];
    this.#text = text;
    this.#root = parseTree(text, errors, { disallowComments: true });
    const [error] = errors;
    if (error) {
      const { line, column } = this.#positionOf(error.offset);
      const problem = ERRORS[printParseErrorCode(error.error)] ?? 'this cannot be read';
      throw new Error(`line ${line}, column ${column}: ${problem}`);
    }
    this.value = JSON.parse(text);
  }

  /** The line of a value, or of that which should hold it. The first is 1. */
  lineOf(path: readonly PropertyKey[]): number {
    for (let length = path.length; length > 0; length -= 1) {
      const node = this.#root && findNodeAtLocation(this.#root, path.slice(0, length) as JSONPath);
      if (node) {
        return this.#positionOf(node.offset).line;
      }
    }
    return this.#positionOf(this.#root?.offset ?? 0).line;
  }

  /** Members that stand in the same object twice, of which JSON would silently take the last. */
  repeatedMembers(): readonly SettingsProblem[] {
    return this.#root ? repeatedIn(this.#root, []) : [];
  }

  /** Where a token is, in a value or in the name of a member. */
  tokenPath(): Path | undefined {
    return pathOfToken(this.value, []);
  }

  #positionOf(offset: number) {
    const lines = this.#text.slice(0, offset).split('\n');
    return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
  }
}

function pathOfToken(value: unknown, path: Path): Path | undefined {
  if (typeof value !== 'object' || value === null) {
    return holdsToken(String(value)) ? path : undefined;
  }
  for (const [key, member] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    const found = holdsToken(key) ? path : pathOfToken(member, at);
    if (found) {
      return found;
    }
  }
  return undefined;
}

function repeatedIn(node: Node, path: readonly PropertyKey[]): readonly SettingsProblem[] {
  const children = node.children ?? [];
  if (node.type === 'array') {
    return children.flatMap((child, index) => repeatedIn(child, [...path, index]));
  }
  const names = children.map(({ children: [name] = [] }) => String(name?.value));
  return children.flatMap(({ children: [, value] = [] }, index) => {
    const name = names[index] ?? '';
    const here = [...path, name];
    return [
      ...(names.indexOf(name) < index ? [{ path: here, message: 'is there twice' }] : []),
      ...(value ? repeatedIn(value, here) : []),
    ];
  });
}

const ERRORS: Readonly<Record<string, string>> = {
  InvalidSymbol:
    'this is no JSON value: texts are in double quotes, the other values are numbers, true, false, lists and objects',
  InvalidNumberFormat: 'this is not a number',
  PropertyNameExpected:
    'a name in double quotes must follow. After the last member of an object, remove the comma',
  ValueExpected: 'a value must follow. After the last entry of a list, remove the comma',
  ColonExpected: 'a colon is missing before this',
  CommaExpected: 'a comma is missing before this',
  CloseBraceExpected: 'a closing brace } is missing',
  CloseBracketExpected: 'a closing bracket ] is missing',
  EndOfFileExpected: 'nothing may follow the closing brace',
  InvalidCommentToken: 'JSON has no comments',
  UnexpectedEndOfString: 'the closing double quote is missing',
  InvalidEscapeCharacter: 'a backslash must be written twice, or be followed by one of "/bfnrtu',
  InvalidCharacter: 'this character is not allowed in a text',
};
