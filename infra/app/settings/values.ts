import { z } from 'zod';
import type { Problem } from '../../../lambda/settings/variables.ts';

/** Such as the function's own parsers, so that both have the same rules. */
type Parse = (text: string) => unknown;

/** A text that a parser accepts. */
export function parsed(parse: Parse) {
  return z
    .string()
    .trim()
    .superRefine((value, { addIssue }) => {
      const result = parse(value);
      if (isProblem(result)) {
        // A URL with an @ may hold a password.
        const given = value.includes('@') ? '' : `, got ${JSON.stringify(value)}`;
        addIssue({ code: 'custom', message: `${result.problem}${given}` });
      }
    });
}

/** A number that a parser of texts accepts. Its problem quotes the number. */
export function parsedNumber(parse: Parse) {
  return z.number().superRefine((value, { addIssue }) => {
    const result = parse(String(value));
    if (isProblem(result)) {
      const { problem } = result;
      const given = problem.includes(', got ') ? '' : `, got ${value}`;
      addIssue({ code: 'custom', message: `${problem}${given}` });
    }
  });
}

/** Refuses credentials, which everybody who may see the template could read. */
export function withoutCredentials(parse: Parse): Parse {
  return (text) =>
    text.includes('@') ? { problem: 'must not contain a user name or a password' } : parse(text);
}

/** @param allowed follows "must be" in the message */
export function pattern(regex: RegExp, allowed: string) {
  return z.string().regex(regex, {
    error: ({ input }) => `must be ${allowed}, got ${JSON.stringify(input)}`,
  });
}

export const keyArn = pattern(
  /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|mrk-[\da-f]{32})$/,
  'the ARN of a KMS key, like arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef, not of an alias',
);

function isProblem(result: unknown): result is Problem {
  return typeof result === 'object' && result !== null && 'problem' in result;
}

/** A list in which nothing stands twice. @param example of an entry */
export function distinct(entry: z.ZodType<string>, example: string) {
  const list = z.array(entry).meta({ examples: [[example]] });
  return list.superRefine((entries, { addIssue }) => {
    for (const [index, value] of entries.entries()) {
      if (entries.indexOf(value) < index) {
        const message = `is there twice, got ${JSON.stringify(value)}`;
        addIssue({ code: 'custom', path: [index], message });
      }
    }
  });
}
