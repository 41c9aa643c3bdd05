/**
 * They load modules anew, to see what those do when they are loaded; or undici must not have set a
 * timer before they hold the clock.
 */
const FRESH = ['test/lambda/index*', 'test/lambda/gitlab/connection/time-outs*'];

/**
 * Two projects of Vitest. Most files share the modules of their worker: the SDK, CDK and the rigs are
 * loaded once by each worker, not once a file. The others have a process of their own.
 *
 * @param kinds endings of the files, such as `test`
 * @param without files that are not run
 */
export function projectsOf(
  include: string[],
  kinds: readonly string[],
  without: readonly string[] = [],
) {
  const fresh = FRESH.flatMap((file) => kinds.map((kind) => `${file}.${kind}.ts`));
  return [
    {
      extends: true as const,
      test: { name: 'shared', include, exclude: [...fresh, ...without], isolate: false },
    },
    { extends: true as const, test: { name: 'fresh', include: fresh } },
  ];
}
