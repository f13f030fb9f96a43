import { StringDecoder } from 'node:string_decoder';
import type { ErrorCode } from '../../base/errors.ts';
import type { ExportedClip } from '../../record/export/export-clips.ts';

/** Why the child could not go on. */
export interface ExportError {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Characters of a line that is none of ours. */
const SHOWN = 200;

type ExportLine = ExportedClip | { readonly error: ExportError };

function parseLine(line: string): ExportLine | undefined {
  try {
    const told: unknown = JSON.parse(line);
    return typeof told === 'object' && told !== null ? (told as ExportLine) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads what `cambox clips export --json-lines` writes. Nothing is thrown: it is called from an event of the child. */
export class ExportLines {
  readonly clips: ExportedClip[] = [];
  error: ExportError | undefined;
  readonly #onClip: (done: number) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(onClip: (done: number) => void) {
    this.#onClip = onClip;
  }

  push(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    const told = parseLine(line);
    if (told === undefined) this.error ??= { code: 'child_failed', message: `It wrote "${line.slice(0, SHOWN)}"` };
    else if ('error' in told) this.error = told.error;
    else this.#onClip(this.clips.push(told));
  }
}
