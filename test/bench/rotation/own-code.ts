import { readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';

/** esbuild names the module above its code. */
const MODULE = /^\/\/ (\S+\.\w+)$/;
const OURS = /^lambda\//;

/**
 * The milliseconds in which code of `lambda/` ran, with what it calls of the language itself, such as
 * `JSON.parse`: neither the SDK's and undici's in the same bundle, nor Node's.
 *
 * @throws {Error} where the profiles show none of it: then the bundle is not as it is expected here
 */
export function ownMsOf(bundle: string, profiles: readonly Profiler.Profile[]): number {
  const isOwnLine = ownLinesOf(readFileSync(bundle, 'utf8'));
  const isOwn = ({ callFrame: { url, lineNumber } }: Profiler.ProfileNode) =>
    url.endsWith(bundle) && isOwnLine[lineNumber] === true;
  const microseconds = profiles
    .flatMap((profile) => {
      const own = idsOf(profile, isOwn);
      const { samples = [], timeDeltas = [] } = profile;
      return samples.map((id, index) => (own.has(id) ? (timeDeltas[index] ?? 0) : 0));
    })
    .reduce((sum, each) => sum + each, 0);
  if (microseconds === 0) {
    throw new Error('the profiles show no code of lambda/');
  }
  return microseconds / 1000;
}

/** The nodes that are own, and those below them that are of no file. */
function idsOf(
  { nodes }: Profiler.Profile,
  isOwn: (node: Profiler.ProfileNode) => boolean,
): ReadonlySet<number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const ids = new Set<number>();
  const add = (node: Profiler.ProfileNode) => {
    ids.add(node.id);
    const called = (node.children ?? []).flatMap((id) => byId.get(id) ?? []);
    for (const builtIn of called.filter(({ callFrame: { url } }) => url === '')) {
      add(builtIn);
    }
  };
  for (const node of nodes.filter(isOwn)) {
    add(node);
  }
  return ids;
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
