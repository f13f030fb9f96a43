import type { LogFields, Logger } from '../../src/base/logger.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: LogFields;
}

/** Keeps every line for the test to look at. */
export class LogCollector implements Logger {
  readonly lines: LogLine[] = [];

  debug(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'debug', event, fields });
  }

  info(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', event, fields });
  }

  warn(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', event, fields });
  }

  error(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', event, fields });
  }

  child(): Logger {
    return this;
  }

  /** The names of the events, in order. */
  get events(): string[] {
    return this.lines.map(({ event }) => event);
  }

  of(event: string): LogLine[] {
    return this.lines.filter((line) => line.event === event);
  }
}
