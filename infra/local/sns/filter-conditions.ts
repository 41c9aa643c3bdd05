/** A value that a filter policy can compare. */
export type Filterable = string | number | boolean | null;

/** Whether the values that a message has for a key meet one condition; none where it lacks it. */
export type Condition = (values: readonly Filterable[]) => boolean;

/** @returns undefined for what is no condition, or one with an operator that is not known */
export function parseCondition(value: unknown): Condition | undefined {
  if (isFilterable(value)) {
    return (values) => values.includes(value);
  }
  const [entry, ...others] = Object.entries(value ?? {});
  if (Array.isArray(value) || !entry || others.length > 0) {
    return undefined;
  }
  const [operator, operand] = entry;
  return OPERATORS.get(operator)?.(operand);
}

type Operator = (operand: unknown) => Condition | undefined;

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['prefix', textOperator((text, operand) => text.startsWith(operand))],
  ['suffix', textOperator((text, operand) => text.endsWith(operand))],
  [
    'equals-ignore-case',
    textOperator((text, operand) => text.toLowerCase() === operand.toLowerCase()),
  ],
  ['exists', exists],
  ['anything-but', anythingBut],
  ['numeric', numeric],
]);

function textOperator(meets: (text: string, operand: string) => boolean): Operator {
  return (operand) =>
    typeof operand === 'string'
      ? (values) => values.some((value) => typeof value === 'string' && meets(value, operand))
      : undefined;
}

function exists(operand: unknown): Condition | undefined {
  return typeof operand === 'boolean' ? (values) => values.length > 0 === operand : undefined;
}

/** Of values, or of one `prefix` or `suffix`; met only where there is a value. */
function anythingBut(operand: unknown): Condition | undefined {
  const operands: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  const excluded = operands.map((each) => (isExcludable(each) ? parseCondition(each) : undefined));
  if (excluded.length === 0 || !excluded.every((each) => each !== undefined)) {
    return undefined;
  }
  return (values) => values.some((value) => !excluded.some((meets) => meets([value])));
}

function isExcludable(operand: unknown): boolean {
  const [operator] = isFilterable(operand) ? ['prefix'] : Object.keys(operand ?? {});
  return operator === 'prefix' || operator === 'suffix';
}

const COMPARISONS: ReadonlyMap<unknown, (value: number, bound: number) => boolean> = new Map([
  ['=', (value: number, bound: number) => value === bound],
  ['<', (value: number, bound: number) => value < bound],
  ['<=', (value: number, bound: number) => value <= bound],
  ['>', (value: number, bound: number) => value > bound],
  ['>=', (value: number, bound: number) => value >= bound],
]);

/** One comparison, or two for a range: `[">", 0, "<=", 100]`. */
function numeric(operand: unknown): Condition | undefined {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    return undefined;
  }
  const comparisons = [operand.slice(0, 2), operand.slice(2)]
    .filter(({ length }) => length > 0)
    .map(([operator, bound]: unknown[]) => {
      const meets = COMPARISONS.get(operator);
      return meets && typeof bound === 'number'
        ? (value: Filterable) => typeof value === 'number' && meets(value, bound)
        : undefined;
    });
  if (!comparisons.every((each) => each !== undefined)) {
    return undefined;
  }
  return (values) => values.some((value) => comparisons.every((meets) => meets(value)));
}

/** Whether a value is neither an array nor an object. */
export function isFilterable(value: unknown): value is Filterable {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
