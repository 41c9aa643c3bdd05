import { Annotations, Aspects, Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** The statements that the owner of an imported resource must add. @param what begins the sentence */
export function needs(what: string, statements: readonly PolicyStatement[]): string {
  const json = statements.map((statement) => JSON.stringify(statement.toStatementJson()));
  return `${what} needs these statements:\n[${json.join(',\n')}]`;
}

export function warn(scope: Construct, topic: string, message: string): void {
  const text = Stack.of(scope).resolve(message);
  Annotations.of(scope).addWarningV2(`gitlab-token-rotation:${topic}`, readable(text));
}

/** Once all secrets are known. */
export function warnAtSynthesis(
  scope: Construct,
  topic: string,
  message: () => string | undefined,
): void {
  Aspects.of(scope).add({
    visit(node) {
      const text = node === scope ? message() : undefined;
      if (text !== undefined) {
        warn(scope, topic, text);
      }
    },
  });
}

/** A resolved text. What is not known at synthesis is as CloudFormation's `Fn::Sub` writes it. */
export function readable(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = Object(value);
  if (Array.isArray(join)) {
    return join[1].map(readable).join(join[0]);
  }
  return `\${${Ref ?? attribute?.join('.') ?? '…'}}`;
}
