import type { CommandResponse } from './response.ts';

interface Remembered {
  readonly bodyHash: string;
  response: CommandResponse;
  /** Length of the response as JSON, to bound what is kept. */
  size: number;
}

export type Recall =
  | { readonly known: false }
  | { readonly known: true; readonly sameBody: boolean; readonly response: CommandResponse };

/**
 * What is remembered of commands by their id, so that a request delivered twice runs once. Holds every running command
 * (the executor bounds those) and the latest finished ones, at most `capacity` and about `maxBytes` of their
 * responses; the one that finished first is forgotten first.
 */
export class CommandMemory {
  readonly #capacity: number;
  readonly #maxBytes: number;
  readonly #running = new Map<string, Remembered>();
  readonly #finished = new Map<string, Remembered>();
  #finishedBytes = 0;

  constructor(capacity = 1000, maxBytes = 4 * 1024 * 1024) {
    this.#capacity = capacity;
    this.#maxBytes = maxBytes;
  }

  recall(id: string, bodyHash: string): Recall {
    const entry = this.#running.get(id) ?? this.#finished.get(id);
    if (entry === undefined) return { known: false };
    return { known: true, sameBody: entry.bodyHash === bodyHash, response: entry.response };
  }

  start(id: string, bodyHash: string, response: CommandResponse): void {
    this.#running.set(id, { bodyHash, response, size: 0 });
  }

  update(id: string, response: CommandResponse): void {
    const entry = this.#running.get(id);
    if (entry !== undefined) entry.response = response;
  }

  finish(id: string, response: CommandResponse): void {
    const entry = this.#running.get(id);
    if (entry === undefined) return;
    this.#running.delete(id);
    entry.response = response;
    entry.size = JSON.stringify(response).length;
    this.#finished.set(id, entry);
    this.#finishedBytes += entry.size;
    this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const [id, { size }] of this.#finished) {
      if (this.#finished.size <= this.#capacity && this.#finishedBytes <= this.#maxBytes) return;
      this.#finished.delete(id);
      this.#finishedBytes -= size;
    }
  }
}
