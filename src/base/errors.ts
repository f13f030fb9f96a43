/** Why something could not be done. A code never changes its meaning: it goes over MQTT and into logs. */
export type ErrorCode =
  // commands (the codes of docs/mqtt.md)
  | 'bad_json'
  | 'bad_schema'
  | 'unknown_command'
  | 'too_large'
  | 'expired'
  | 'retained_command'
  | 'id_conflict'
  | 'busy'
  | 'not_found'
  | 'conflict'
  | 'clock_unsynced'
  | 'resource_limit'
  | 'disk_full'
  | 'device_lost'
  | 'interrupted'
  | 'canceled'
  | 'unsupported'
  | 'internal'
  // the machine around us
  | 'bad_argument'
  | 'bad_config'
  | 'bad_input'
  | 'device_busy'
  | 'device_failed'
  // the bus has no room for what the camera would send: the camera itself is well
  | 'no_bandwidth'
  // of a receiver (HDMI): nothing that it takes comes in; what came in is no more, or is another
  | 'no_signal'
  | 'signal_changed'
  | 'not_permitted'
  | 'not_writable'
  | 'in_use'
  | 'missing_program'
  | 'missing_library'
  | 'network'
  | 'timed_out'
  | 'child_failed'
  // a camera that is there, and gives no pictures
  | 'device_silent'
  // a camera that gave a few empty buffers, and then nothing: its endpoint has stalled
  | 'device_stalled'
  // a camera that gives broken pictures only: cut off, empty, marked as damaged
  | 'pictures_broken'
  // a camera whose pictures look whole and cannot be decoded
  | 'pictures_corrupt'
  // a camera that gives the same picture again and again
  | 'pictures_frozen';

export interface CannotParts {
  /** What was tried: "open", "start". */
  readonly verb: string;
  /** On what: "camera front (/dev/video0)". */
  readonly thing: string;
  /** Why it did not work. */
  readonly reason: string;
  /** The offending value, shown as JSON and cut to 200 characters. */
  readonly received?: unknown;
  /** What the reader can do about it. */
  readonly remedy?: string;
  /** When it may work, for what is refused only now. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

const MAX_SHOWN_VALUE = 200;

function show(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = String(value);
  }
  return text.length > MAX_SHOWN_VALUE ? `${text.slice(0, MAX_SHOWN_VALUE)}…` : text;
}

/**
 * The one error class. Its message reads "Cannot <verb> <thing> as <reason>: received <value>. <Remedy>".
 * Expected outcomes (a refused frame, more bytes needed) are returned values, not errors.
 */
export class CamboxError extends Error {
  override readonly name = 'CamboxError';
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** JSON pointer to the offending part of a command or config, when there is one. */
  readonly pointer: string | undefined;

  constructor(code: ErrorCode, parts: CannotParts, pointer?: string) {
    const received = 'received' in parts && parts.received !== undefined ? `: received ${show(parts.received)}` : '';
    const cannot = `Cannot ${parts.verb} ${parts.thing} as ${parts.reason}${received}`;
    super(
      parts.remedy === undefined ? cannot : `${cannot.replace(/\.$/, '')}. ${parts.remedy}`,
      parts.cause === undefined ? undefined : { cause: parts.cause },
    );
    this.code = code;
    this.remedy = parts.remedy;
    this.retryAfterMs = parts.retryAfterMs;
    this.pointer = pointer;
  }
}

/** Anything thrown, as a CamboxError: ours stays as it is, the rest becomes `internal` with its cause kept. */
export function asCamboxError(thrown: unknown, verb: string, thing: string): CamboxError {
  if (thrown instanceof CamboxError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new CamboxError('internal', { verb, thing, reason, cause: thrown });
}

/** Words of ours that came from elsewhere (another process of ours), as an error: they stay as they are; other words are the reason. */
export function retoldError(code: ErrorCode, message: string, verb: string, thing: string): CamboxError {
  const [, did, what, reason] = /^Cannot (\S+) (.+?) as (.+)$/s.exec(message) ?? [];
  if (did === undefined || what === undefined || reason === undefined) {
    return new CamboxError(code, { verb, thing, reason: message });
  }
  return new CamboxError(code, { verb: did, thing: what, reason });
}

/** True when the operation ended because its AbortSignal was aborted. */
export function isAbort(thrown: unknown, signal?: AbortSignal): boolean {
  if (signal?.aborted && thrown === signal.reason) return true;
  return thrown instanceof Error && thrown.name === 'AbortError';
}
