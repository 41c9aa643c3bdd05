/** One line of the function's log group. */
export interface LogLine {
  /** As it stands in CloudWatch. */
  readonly raw: string;
  /** The line parsed; absent where it is no JSON object, such as the last words of a crash. */
  readonly entry?: Readonly<Record<string, unknown>>;
}

/** How Lambda's own log names the end of an invocation. */
export type Status = 'success' | 'error' | 'failure' | 'timeout';

/** The log group of one function. */
export class FunctionLog {
  readonly #lines: LogLine[] = [];
  readonly #listeners = new Set<(line: LogLine) => void>();

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** @returns stops telling */
  onLine(listener: (line: LogLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  write(raw: string): void {
    const entry = parseObject(raw);
    const line = entry ? { raw, entry } : { raw };
    this.#lines.push(line);
    for (const listener of this.#listeners) {
      listener(line);
    }
  }

  /**
   * What Lambda itself writes (Lambda Developer Guide, "Lambda Telemetry API event schema
   * reference").
   */
  platform(type: 'initStart' | 'start' | 'report', record: object): void {
    const time = new Date().toISOString();
    this.write(JSON.stringify({ time, type: `platform.${type}`, record }));
  }
}

function parseObject(raw: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(raw);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}
