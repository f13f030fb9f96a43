import type { AcceptedCommand, CommandJournal, JournalEntry } from './command-journal.ts';
import type { CommandResponse } from './response.ts';

interface Remembered extends JournalEntry {
  response: CommandResponse;
  /** Length of the response as JSON, to bound what is kept. */
  size: number;
}

/**
 * The journal that lasts until the process ends. Holds every running command and the latest finished ones, at most `capacity`
 * and about `maxBytes` of their responses; the one that finished first is forgotten first.
 */
export class CommandMemory implements CommandJournal {
  readonly #capacity: number;
  readonly #maxBytes: number;
  readonly #running = new Map<string, Remembered>();
  readonly #finished = new Map<string, Remembered>();
  #finishedBytes = 0;

  constructor(capacity = 1000, maxBytes = 4 * 1024 * 1024) {
    this.#capacity = capacity;
    this.#maxBytes = maxBytes;
  }

  recall(id: string): JournalEntry | undefined {
    return this.#running.get(id) ?? this.#finished.get(id);
  }

  accept({ id, name, bodyHash }: AcceptedCommand, response: CommandResponse): undefined {
    this.#running.set(id, { name, bodyHash, response, size: 0 });
  }

  progress(id: string, response: CommandResponse): void {
    const entry = this.#running.get(id);
    if (entry !== undefined) entry.response = response;
  }

  finish(id: string, response: CommandResponse): undefined {
    const entry = this.#running.get(id);
    if (entry === undefined) return;
    this.#running.delete(id);
    entry.response = response;
    entry.size = JSON.stringify(response).length;
    this.#finished.set(id, entry);
    this.#finishedBytes += entry.size;
    this.#forgetOldest();
  }

  /** A finished one that is kept elsewhere. */
  forget(id: string): void {
    const entry = this.#finished.get(id);
    if (entry === undefined) return;
    this.#finished.delete(id);
    this.#finishedBytes -= entry.size;
  }

  #forgetOldest(): void {
    for (const id of this.#finished.keys()) {
      if (this.#finished.size <= this.#capacity && this.#finishedBytes <= this.#maxBytes) return;
      this.forget(id);
    }
  }
}
