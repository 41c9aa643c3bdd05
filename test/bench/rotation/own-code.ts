import { readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';

/** esbuild names the module above its code. */
const MODULE = /^\/\/ (\S+\.\w+)$/;
const OURS = /^lambda\//;

/** The milliseconds in which code of `lambda/` ran: neither the SDK's and undici's in the same bundle, nor Node's. */
export function ownMsOf(
  bundle: string,
  { nodes, samples = [], timeDeltas = [] }: Profiler.Profile,
): number {
  const isOwn = ownLinesOf(readFileSync(bundle, 'utf8'));
  const own = new Set(
    nodes.flatMap(({ id, callFrame: { url, lineNumber } }) =>
      url.endsWith(bundle) && isOwn[lineNumber] ? [id] : [],
    ),
  );
  const microseconds = samples.reduce(
    (sum, id, index) => sum + (own.has(id) ? (timeDeltas[index] ?? 0) : 0),
    0,
  );
  return microseconds / 1000;
}

/** For each line of the bundle, whether it is of `lambda/`. */
export function ownLinesOf(source: string): readonly boolean[] {
  let isOwn = false;
  return source.split('\n').map((line) => {
    const [, module] = MODULE.exec(line) ?? [];
    isOwn = module === undefined ? isOwn : OURS.test(module);
    return isOwn;
  });
}
