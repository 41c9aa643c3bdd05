/** As much of a path of Babel's as is asked here. */
interface Path {
  readonly node: Node;
  readonly parent: Node & { readonly callee?: Node; readonly arguments?: readonly Node[] };
}

interface Node {
  readonly type: string;
  readonly name?: string;
  readonly object?: Node;
  readonly property?: Node & { readonly id?: Node };
}

/** The word by which something is called: `log` of `run.log` and of `this.#log` alike. */
function nameOf(node: Node | undefined): string | undefined {
  return node?.name ?? node?.property?.id?.name ?? node?.property?.name;
}

function isLine({ parent, node }: Path): boolean {
  const { type, callee, arguments: [message] = [] } = parent;
  return type === 'CallExpression' && nameOf(callee?.object) === 'log' && message === node;
}

function isReason({ parent, node }: Path): boolean {
  const { type, callee, arguments: [, reason] = [] } = parent;
  return type === 'NewExpression' && nameOf(callee) === 'RotationError' && reason === node;
}

/**
 * Leaves two kinds of text as they are, since no test asks for them word for
 * word: the message of a log line, and the reason of a failure, which says its
 * code in other words. Whether a line is written at all, its details and the
 * code are mutated like everything else.
 */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'texts',
    value: {
      shouldIgnore(path: Path): string | undefined {
        return isLine(path) || isReason(path) ? 'a text that repeats what a code says' : undefined;
      },
    },
  },
];
