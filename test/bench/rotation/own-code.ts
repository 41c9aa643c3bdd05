import { readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';

/** esbuild names the module above its code. */
const MODULE = /^\/\/ (\S+\.\w+)$/;
const OURS = /^lambda\//;

/**
 * The milliseconds in which code of `lambda/` ran: neither the SDK's and undici's in the same bundle, nor Node's.
 *
 * @throws {Error} where the profiles show none of it: then the bundle is not as it is expected here
 */
export function ownMsOf(bundle: string, profiles: readonly Profiler.Profile[]): number {
  const isOwn = ownLinesOf(readFileSync(bundle, 'utf8'));
  const microseconds = profiles
    .flatMap(({ nodes, samples = [], timeDeltas = [] }) => {
      const own = new Set(
        nodes.flatMap(({ id, callFrame: { url, lineNumber } }) =>
          url.endsWith(bundle) && isOwn[lineNumber] ? [id] : [],
        ),
      );
      return samples.map((id, index) => (own.has(id) ? (timeDeltas[index] ?? 0) : 0));
    })
    .reduce((sum, each) => sum + each, 0);
  if (microseconds === 0) {
    throw new Error('the profiles show no code of lambda/');
  }
  return microseconds / 1000;
}

/** For each line of the bundle, whether it is of `lambda/`. */
function ownLinesOf(source: string): readonly boolean[] {
  let isOwn = false;
  return source.split('\n').map((line) => {
    const [, module] = MODULE.exec(line) ?? [];
    isOwn = module === undefined ? isOwn : OURS.test(module);
    return isOwn;
  });
}
