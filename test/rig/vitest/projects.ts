/** It loads modules anew, to see what those do when they are loaded. */
const FRESH = ['test/lambda/index*.test.ts'];

/**
 * Two projects of Vitest. Most files share the modules of their worker: the SDK, CDK and the rigs are
 * loaded once by each worker, not once a file. The others have a process of their own.
 */
export function projectsOf(include: string[]) {
  return [
    { extends: true as const, test: { name: 'shared', include, exclude: FRESH, isolate: false } },
    { extends: true as const, test: { name: 'fresh', include: FRESH } },
  ];
}
