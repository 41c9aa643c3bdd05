import { isNoProxyEntry } from './no-proxy.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ProxySettings {
  /** For the function. */
  readonly environment: Readonly<Record<string, string>>;
  /** What is left out of `NO_PROXY`, for the person who has set it. */
  readonly ignored?: string;
}

/** An address and the length of its prefix: nothing that somebody could keep secret. */
const RANGE = /^[\d.a-f:]{1,45}\/\d{1,3}$/i;

/**
 * Reads what a person has set for a proxy, most likely for other tools too. The
 * function refuses entries of `NO_PROXY` that would have no effect; here they are
 * left out, and without a proxy all of them.
 */
export function readProxySettings(env: Environment): ProxySettings {
  const proxy = firstOf(env, ['https_proxy', 'HTTPS_PROXY']);
  const noProxy = firstOf(env, ['no_proxy', 'NO_PROXY']);
  if (proxy === undefined || noProxy === undefined) {
    return { environment: Object.fromEntries(proxy ? [proxy] : []) };
  }
  const [name, text] = noProxy;
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  const ignored = entries.filter((entry) => !isNoProxyEntry(entry));
  const kept = entries.filter(isNoProxyEntry).join(',');
  return {
    environment: Object.fromEntries([proxy, [name, kept]]),
    ...(ignored.length > 0 && { ignored: tellIgnored(name, ignored) }),
  };
}

/** Of two spellings the one that the function takes. */
function firstOf(env: Environment, names: readonly string[]): [string, string] | undefined {
  return names
    .map((name): [string, string] => [name, env[name]?.trim() ?? ''])
    .find(([, value]) => value !== '');
}

/** Quotes ranges alone: another entry may be the credentials of a proxy. */
function tellIgnored(name: string, ignored: readonly string[]): string {
  const ranges = ignored.filter((entry) => RANGE.test(entry));
  const others = ignored.length - ranges.length;
  return `Ignored in ${name}: ${[
    ...(ranges.length > 0 ? [`${ranges.join(', ')}: ranges have no effect`] : []),
    ...(others > 0 ? [`entries that are neither a name nor an address: ${others}`] : []),
  ].join('; ')}`;
}
