import { format } from 'node:util';

/** The levels of Lambda's JSON log format, least first. */
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

type Write = (message: unknown, ...more: unknown[]) => void;

/**
 * Makes the console write Lambda's JSON log format: one line per call, with time, level and the id
 * of the invocation (Lambda Developer Guide, "Log and monitor Node.js Lambda functions").
 *
 * @param requestId of the invocation that is under way, undefined while the function is loaded
 * @param leastLevel what is below is dropped; one that is unknown drops nothing
 */
export function writeJsonLogs(requestId: () => string | undefined, leastLevel = 'TRACE'): void {
  const least = LEVELS.indexOf(leastLevel);
  const writeAt =
    (level: string): Write =>
    (message, ...more) => {
      if (LEVELS.indexOf(level) >= least) {
        const line = jsonLine({ level, requestId: requestId() ?? '-' }, message, more);
        process.stdout.write(`${line}\n`);
      }
    };
  Object.assign(console, {
    trace: writeAt('TRACE'),
    debug: writeAt('DEBUG'),
    info: writeAt('INFO'),
    log: writeAt('INFO'),
    warn: writeAt('WARN'),
    error: writeAt('ERROR'),
  });
}

/** A single argument keeps its members; several become one text, as `util.format` joins them. */
function jsonLine(
  ids: { readonly level: string; readonly requestId: string },
  message: unknown,
  more: readonly unknown[],
): string {
  const head = { timestamp: new Date().toISOString(), ...ids };
  if (more.length > 0) {
    const error = more.find((value) => value instanceof Error);
    return JSON.stringify({
      ...head,
      message: format(message, ...more),
      ...(error && namesOf(error)),
    });
  }
  try {
    return JSON.stringify({ ...head, message }, (_key, value: unknown) =>
      value instanceof Error ? { ...namesOf(value), ...value } : value,
    );
  } catch {
    // Circular, or a bigint.
    return JSON.stringify({ ...head, message: format(message) });
  }
}

function namesOf(error: Error) {
  return {
    errorType: error.constructor.name,
    errorMessage: error.message,
    stackTrace: error.stack?.split('\n') ?? [],
  };
}
