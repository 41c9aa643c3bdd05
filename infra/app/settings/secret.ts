import { z } from 'zod';
import {
  parseLifetimeDays,
  parseProjectId,
  parseRecoverySecretArn,
  parseTokenField,
} from '../../../lambda/settings/variables.ts';
import { keyArn, parsed, parsedNumber, pattern } from './values.ts';

/** What may stand at the top, for all secrets, and at a single secret. */
export const rotationSettings = {
  schedule: pattern(
    /^(?:rate|cron)\(.+\)$/,
    'a rate or cron expression, like "rate(30 days)" or "cron(0 1 ? * SUN *)"',
  )
    .optional()
    .describe(
      'When to rotate: rate(30 days), or a cron expression in UTC like cron(0 1 ? * SUN *). Default: rate(30 days)',
    ),
  window: pattern(/^(?:[1-9]|1\d|2[0-4])h$/, 'whole hours, "1h" to "24h"')
    .optional()
    .describe(
      'How long after the scheduled time a rotation may begin, like 3h. It must end on the same day in UTC. Default: the end of the day',
    ),
  tokenLifetimeDays: parsedNumber(parseLifetimeDays)
    .optional()
    .describe(
      'Days until a new token expires, 2 to 400: at least the longest time between two rotations (twice that with alternating tokens) plus a week. Default: 90',
    ),
  alternatingTokens: z
    .boolean()
    .optional()
    .describe('Whether the secret must hold a standby, a second token. Default: false'),
  tokenField: parsed(parseTokenField)
    .optional()
    .describe('The field of the secret that holds the token. Default: token'),
  projectId: parsed(parseProjectId)
    .optional()
    .describe(
      'The project of the token, as number or full path, if the secret names neither project nor group',
    ),
};

/** A name in its place is told where it goes. */
function parseSecretArn(text: string) {
  return text.startsWith('arn:')
    ? parseRecoverySecretArn(text)
    : { problem: 'is not the full ARN of a secret: give the name of a secret as name' };
}

export const SECRET_EXAMPLE = { name: 'app/gitlab-token', create: true };

export const secret = z
  .strictObject({
    name: z
      .string()
      .regex(/^(?!arn:)/, {
        abort: true,
        error: 'must be a name, and this is an ARN: give it as arn instead',
      })
      .regex(/^[\w/+=.@-]{1,512}$/, {
        abort: true,
        error: ({ input }) =>
          `must be the name of a secret: 1 to 512 letters, digits and /_+=.@-, got ${JSON.stringify(input)}`,
      })
      .regex(/^(?!.*-[A-Za-z0-9]{6}$)/, {
        error: ({ input }) =>
          `must not end with a hyphen and six characters, which AWS takes for the end of an ARN, got ${JSON.stringify(input)}. If the secret exists, give its arn instead; else choose another name`,
      })
      .optional()
      .describe('The name of the secret, like app/gitlab-token'),
    arn: parsed(parseSecretArn)
      .optional()
      .describe('Instead of the name: the full ARN of a secret that exists'),
    create: z
      .boolean()
      .optional()
      .describe('Whether to create the secret, without a value. Default: false, it exists'),
    encryptionKeyArn: keyArn
      .optional()
      .describe('The KMS key of the secret. Default: aws/secretsmanager'),
    ...rotationSettings,
  })
  .superRefine(
    ({ name, arn, create }, { addIssue }) => {
      if ((name === undefined) === (arn === undefined)) {
        const given = name === undefined ? 'neither' : 'both';
        addIssue({
          code: 'custom',
          message: `must have either name or arn, got ${given}`,
          params: { missing: name === undefined ? ['name', 'arn'] : [] },
        });
      }
      if (arn !== undefined && create === true) {
        addIssue({
          code: 'custom',
          path: ['create'],
          message: 'must not be true with arn: such a secret exists already. Give its name instead',
        });
      }
    },
    // Also where another setting of this secret is wrong.
    { when: ({ value }) => typeof value === 'object' && value !== null },
  )
  .meta({ examples: [SECRET_EXAMPLE] });

export type SecretSettings = z.output<typeof secret>;

/** The name of a secret, also of one that is given by its ARN, which ends with a hyphen and six characters. */
export function secretNameOf({ name, arn }: Pick<SecretSettings, 'name' | 'arn'>): string {
  return name ?? arn?.replace(/^(?:[^:]*:){6}/, '').replace(/-[^-]{6}$/, '') ?? '';
}

/** At least one, and none of them twice. */
export const secrets = z
  .array(secret)
  .min(1)
  .superRefine(
    (list, { addIssue }) => {
      const names = list.map((each) => (isRecord(each) ? secretNameOf(each) : ''));
      for (const [index, name] of names.entries()) {
        const first = names.indexOf(name);
        if (name !== '' && first !== index) {
          addIssue({
            code: 'custom',
            path: [index],
            message: `is the same secret as secrets[${first}]: ${JSON.stringify(name)}. Keep one of them`,
          });
        }
      }
    },
    { when: ({ value }) => Array.isArray(value) },
  )
  .meta({ examples: [[SECRET_EXAMPLE]] });

/** The checks above run on whatever was given, to find all errors at once. */
function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
