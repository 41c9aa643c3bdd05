import type { InvocationRecord } from '../../../../infra/local/lambda/function.ts';
import type { Name } from '../world/names.ts';
import type { World } from '../world/world.ts';

/** An invocation, by what its first line in the log says of it. */
export interface OwnInvocation extends InvocationRecord {
  /** Of the rotation that it is part of. */
  readonly versionId: unknown;
}

/** The invocations for one secret that have ended, in the order of their ends. */
export function invocationsOf(world: World, name: Name): readonly OwnInvocation[] {
  const { lambda } = world.stage.cloud;
  const firstLines = new Map(
    lambda.logs.slice(world.began.logs).flatMap(({ entry }) => {
      const line = entry?.['message'] as Readonly<Record<string, unknown>> | undefined;
      return line?.['message'] === 'rotation step started'
        ? [[entry?.['requestId'], line] as const]
        : [];
    }),
  );
  const { secretId } = world.scenes[name];
  return lambda.invocations.slice(world.began.invocations).flatMap((invocation) => {
    const line = firstLines.get(invocation.requestId);
    // An ARN ends with six letters of its own.
    return line && secretId.includes(`:secret:${line['secret']}-`)
      ? [{ ...invocation, versionId: line['versionId'] }]
      : [];
  });
}
