import { Duration } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { z } from 'zod';
import { checkedRules } from '../../construct/checks/schedule.ts';
import type { TokenRotationOptions } from '../../construct/props.ts';
import { constructProblems } from './construct-problem.ts';
import { type Path, pathText, type SettingsProblem } from './messages.ts';
import { rotationSchema } from './schema.ts';
import { rotationSettings, type SecretSettings, secret } from './secret.ts';

/** Members of an object in the file, whatever they are. */
type Members = Readonly<Record<string, unknown>>;

/** What the construct says of a secret. */
interface RuleProblem {
  readonly path: Path;
  readonly text: string;
  readonly name: string;
}

const settingsOfToken = z.object(rotationSettings);

/** Names of secrets, before "and more". */
const NAMES_SHOWN = 5;

/** How a token is rotated, in objects of the CDK. */
export function rotationOptions(
  settings: Pick<SecretSettings, keyof typeof rotationSettings>,
): TokenRotationOptions {
  const { schedule, window, tokenLifetimeDays: days, ...others } = settings;
  const { alternatingTokens, tokenField, projectId } = others;
  return {
    ...(schedule !== undefined && { schedule: Schedule.expression(schedule) }),
    ...(window !== undefined && { window: Duration.hours(Number.parseInt(window, 10)) }),
    ...(days !== undefined && { tokenLifetime: Duration.days(days) }),
    ...(alternatingTokens !== undefined && { alternatingTokens }),
    ...(tokenField !== undefined && { tokenField }),
    ...(projectId !== undefined && { projectId }),
  };
}

/**
 * What the construct says of schedules, windows and lifetimes: one problem for each setting, at the top
 * of the file with the names of the secrets for which it cannot work.
 *
 * @param file the value of rotation.json. Where the schema refuses a part, that part is left out
 */
export function problemsOfRules(file: unknown): readonly SettingsProblem[] {
  const top = membersOf(file);
  const secrets = Array.isArray(top['secrets']) ? top['secrets'].map(membersOf) : [];
  if (!isKnown(top, rotationSchema.shape)) {
    return [];
  }
  const problems = secrets.flatMap((own, index) =>
    isKnown(own, secret.shape) ? problemsOfSecret(top, own, index) : [],
  );
  return [...Map.groupBy(problems, ({ path }) => pathText(path)).values()].flatMap((ofPath) =>
    ofPath.slice(0, 1).map(({ path }) => ({ path, message: presentProblems(ofPath) })),
  );
}

function problemsOfSecret(top: Members, own: Members, index: number): readonly RuleProblem[] {
  const { data } = settingsOfToken.safeParse({ ...top, ...own });
  if (data === undefined) {
    return [];
  }
  const at = ['secrets', index];
  const name = String(own['name'] ?? own['arn'] ?? pathText(at));
  const isOwn = (key: string) =>
    key in own || (!(key in top) && Object.keys(own).some((each) => each in rotationSettings));
  try {
    checkedRules('', rotationOptions(data));
    return [];
  } catch (error) {
    return constructProblems(error).map(({ key, rest }) => ({
      path: isOwn(key) ? [...at, key] : [key],
      text: rest.trim(),
      name,
    }));
  }
}

/** "20 days must be at least 37 days: … (for app/a); must be at least 67 days: … (for app/b)" */
function presentProblems(problems: readonly RuleProblem[]): string {
  const texts = [...Map.groupBy(problems, ({ text }) => text)].map(([text, alike], index) => {
    const names = alike.map(({ name }) => name);
    const shown = names.slice(0, NAMES_SHOWN).join(', ');
    const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
    const isOfSecret = (alike[0]?.path.length ?? 0) > 1;
    // The value stands before "must", and is the same in all of them.
    const rest = index === 0 ? text : text.slice(Math.max(0, text.indexOf('must ')));
    return isOfSecret ? rest : `${rest} (for ${shown}${more})`;
  });
  return texts.join('; ');
}

/** Whether a misspelt setting is not perhaps the one that is missing. */
function isKnown(members: Members, shape: object): boolean {
  return Object.keys(members).every((key) => key in shape);
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
