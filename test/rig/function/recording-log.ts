import type { Log, LogDetails } from '../../../lambda/log.ts';

export interface Line extends LogDetails {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

/** A log that keeps its lines, those of the logs bound from it included. */
export interface RecordingLog extends Log {
  readonly lines: readonly Line[];
}

export function recordingLog(lines: Line[] = [], ids: LogDetails = {}): RecordingLog {
  const record = (level: Line['level']) => (message: string, details?: LogDetails) => {
    lines.push({ level, message, ...details, ...ids });
  };
  return {
    lines,
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
    with: (more) => recordingLog(lines, { ...ids, ...more }),
  };
}
