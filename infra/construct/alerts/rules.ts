import { Lazy } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledged.ts';
import type { RotatedEventOptions } from '../props.ts';
import type { RotatedSecret } from '../secret.ts';

/** AWS's names for rotations, and dry runs, that did not end well. */
const VERDICTS = ['RotationFailed', 'RotationAbandoned', 'TestRotationFailed'];
/** A new one each time: a rule adds to the pattern that it is given. */
const failurePattern = () => ({
  source: ['aws.secretsmanager'],
  detailType: ['AWS Service Event via CloudTrail'],
  detail: { eventName: VERDICTS },
});

/** Of an event pattern: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const PATTERN_CHARACTERS = 2048;
/** Of a prefix with an ARN, with the longest partition and region and without the name. */
const ARN_CHARACTERS =
  '{"prefix":"arn:aws-us-gov:secretsmanager:ap-southeast-1:123456789012:secret:-ABCDEF"},'.length;

/**
 * Rules for AWS's own verdict on a rotation. They see what neither the function nor its alarm can:
 * that the function was not invoked at all, and that AWS gave the rotation up, after which it does
 * not ask the function again. They call the watch, which looks at the secret and says what to do.
 *
 * The events come from CloudTrail. Without a trail that records management events in this region
 * the rules never get them.
 */
export class FailureRules {
  readonly rules: Rule[] = [];
  readonly #scope: Construct;
  readonly #watch: IFunction;
  #charactersLeft = 0;

  constructor(scope: Construct, watch: IFunction) {
    this.#scope = scope;
    this.#watch = watch;
  }

  /** To the last rule, or to a new one if that is full. */
  add({ name, secret }: RotatedSecret): void {
    // A secret that is known by its name alone lacks the six characters at the end of its ARN, and a
    // pattern cannot count: a secret whose name goes on with a hyphen is reported too, by its own ARN.
    const arn = secret.secretFullArn ?? { prefix: `${secret.secretArn}-` };
    const characters = ARN_CHARACTERS + name.length;
    if (characters > this.#charactersLeft) {
      this.#charactersLeft = PATTERN_CHARACTERS - JSON.stringify(failurePattern()).length - 50;
      this.rules.push(this.#createRule());
    }
    this.#charactersLeft -= characters;
    this.rules.at(-1)?.addEventPattern({ detail: { additionalEventData: { SecretId: [arn] } } });
  }

  #createRule(): Rule {
    const number = this.rules.length + 1;
    const rule = new Rule(this.#scope, `FailureRule${number === 1 ? '' : number}`, {
      description: 'Rotations of GitLab tokens that Secrets Manager reports as failed or abandoned',
      eventPattern: failurePattern(),
    });
    acknowledge(rule, 'EventBusDLQ');
    const watch = this.#watch;
    // Not `LambdaFunction`: it would give each rule a permission, of which the policy of the watch
    // holds some forty.
    rule.addTarget({ bind: () => ({ arn: watch.functionArn }) });
    // Not before the watch may be called.
    rule.node.addDependency(watch);
    return rule;
  }
}

/**
 * A rule for "Secret Label Updated", which Secrets Manager sends without a trail when `AWSCURRENT`
 * moves.
 *
 * @param allNames the names of all secrets, asked for at synthesis
 */
export function createRotatedRule(
  scope: Construct,
  id: string,
  { secretNames, target, eventPattern, crossStackScope, ...options }: RotatedEventOptions,
  allNames: () => readonly string[],
): Rule {
  const rule = new Rule(crossStackScope ?? scope, id, options);
  const name = Lazy.list({ produce: () => checkedNames(id, secretNames, allNames()) });
  rule.addEventPattern({
    source: ['aws.secretsmanager'],
    detailType: ['Secret Label Updated'],
    detail: { name, labelUpdated: ['AWSCURRENT'] },
  });
  rule.addEventPattern(eventPattern);
  rule.addTarget(target);
  return rule;
}

function checkedNames(
  id: string,
  chosen: readonly string[] | undefined,
  all: readonly string[],
): string[] {
  const names = [...(chosen ?? all)];
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `onRotated ${id}: secretNames ${JSON.stringify(unknown)} must be names that addSecret got, and of this account`,
    );
  }
  if (names.length === 0) {
    throw new Error(`onRotated ${id}: there is no secret: add one by addSecret, in this account`);
  }
  // 150 for the rest of the pattern.
  if (JSON.stringify(names).length > PATTERN_CHARACTERS - 150) {
    throw new Error(
      `onRotated ${id}: ${names.length} names are too long for an event pattern of ${PATTERN_CHARACTERS} characters: use several rules with secretNames`,
    );
  }
  return names;
}
