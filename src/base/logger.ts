export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The logger port. `event` is a stable snake_case name; fields carry ids and figures with their unit in the key
 * (`waited_ms`). Never payload bytes, credentials or tokens.
 */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger whose every line carries these fields. */
  child(fields: LogFields): Logger;
}

const nothing = (): void => undefined;

/** Says nothing: for one-shot CLI commands and tests. */
export const SILENT: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => SILENT };
