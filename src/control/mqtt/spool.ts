import { asCamboxError, type CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { ReasonCounts } from '../../base/reason-counts.ts';
import type { StateDatabase } from '../../catalog/memory-database.ts';
import { MESSAGE_CLASSES, type MessageClass, type SpoolLimits, SpoolTable } from '../../catalog/state/spool-table.ts';
import type { OutMessage } from './broker-link.ts';

/** A millisecond or two of the event loop. */
const REMOVED_AT_ONCE = 200;

export interface SpoolDeps {
  readonly db: StateDatabase;
  readonly logger: Logger;
  readonly limits?: SpoolLimits;
}

/** A message that waits for the broker. */
export interface Waiting {
  readonly kind: MessageClass;
  readonly message: OutMessage;
  /** Wall clock, of when it was first to be sent. */
  readonly sinceMs: number;
}

export interface SpooledMessage {
  readonly kind: MessageClass;
  readonly key: number;
  readonly message: OutMessage;
}

/**
 * Messages for the broker in `state.db`: what waits longer than a few seconds, and so would be lost in a power cut. Nothing here
 * throws or rejects: what the disk refuses stays with the caller.
 */
export class Spool {
  readonly #db: StateDatabase;
  readonly #table: SpoolTable;
  readonly #logger: Logger;
  /** Acknowledged, and perhaps still on the disk: a subset of what is there. */
  readonly #done = new Set<number>();
  /** A removal is due, or waits for its turn. */
  #removing = false;
  #removal: Promise<void> = Promise.resolve();
  readonly #dropped = new ReasonCounts<MessageClass>();
  #damaged = 0;
  #problem: CamboxError | undefined;

  constructor({ db, logger, limits }: SpoolDeps) {
    this.#db = db;
    this.#table = new SpoolTable(db, limits);
    this.#logger = logger;
  }

  /** Had to make room for others. */
  get dropped(): ReasonCounts<MessageClass> {
    return this.#dropped;
  }

  /** Came back from the disk other than they were written, and were dropped. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Why the disk does not take messages now. */
  get problem(): CamboxError | undefined {
    return this.#problem;
  }

  /** What waits here. */
  get size(): { readonly rows: number; readonly bytes: number } {
    const sizes = this.#read(() => this.#table.sizes());
    const sum = { rows: -this.#done.size, bytes: 0 };
    for (const kind of MESSAGE_CLASSES) {
      sum.rows += sizes?.[kind].rows ?? 0;
      sum.bytes += sizes?.[kind].bytes ?? 0;
    }
    return { rows: Math.max(0, sum.rows), bytes: sum.bytes };
  }

  get oldestMs(): number | undefined {
    return this.#read(() => this.#table.oldestMs());
  }

  /**
   * Take messages over: those that `collect` names when the disk is ready for them, oldest first. `onTaken` is told their keys as soon
   * as they are here, which may be at once. Resolves to whether they are on the disk.
   */
  async store<T extends Waiting>(
    collect: () => readonly T[],
    onTaken: (messages: readonly T[], keys: readonly number[]) => void = () => undefined,
  ): Promise<boolean> {
    const add = () => {
      const messages = collect();
      const keys = messages.map(({ kind, message, sinceMs }) =>
        this.#table.add(kind, { ...recordOf(message), sinceMs }),
      );
      return { messages, keys, dropped: this.#table.makeRoom() };
    };
    return await this.#write('spool messages in', () =>
      this.#db.write('spool messages in', add, ({ messages, keys, dropped }) => {
        for (const kind of MESSAGE_CLASSES) if (dropped[kind] > 0) this.#dropped.add(kind, dropped[kind]);
        onTaken(messages, keys);
      }),
    );
  }

  /** The next message of a class after a key; 0 for the first. Those that are damaged are dropped. */
  next(kind: MessageClass, after: number): SpooledMessage | undefined {
    let key = after;
    for (;;) {
      const found = this.#read(() => this.#table.next(kind, key));
      if (found === undefined) return undefined;
      key = found.key;
      if (this.#done.has(key)) continue;
      if (found.damaged) {
        this.#damaged += 1;
        this.#logger.error('spool_damaged', { topic: found.topic, instead: 'dropped' });
        this.done(key);
        continue;
      }
      const { topic, payload, correlation } = found;
      const correlationData = correlation === undefined ? {} : { correlationData: Buffer.from(correlation) };
      return { kind, key, message: { topic, payload, retain: false, ...correlationData } };
    }
  }

  /** The broker has it, or never wants it. */
  done(key: number): void {
    this.#done.add(key);
    this.#removeSoon();
  }

  /** Resolves when what the broker has is gone from the disk, as far as the disk allows. */
  async settled(): Promise<void> {
    do {
      if (this.#done.size > 0) this.#removeSoon();
      await new Promise((resolve) => setImmediate(resolve));
      await this.#removal;
    } while (this.#done.size > 0 && this.#problem === undefined);
  }

  /** Those that are acknowledged together are removed together; nobody waits for the disk, so that a crash brings few of them again. */
  #removeSoon(): void {
    if (this.#removing) return;
    this.#removing = true;
    setImmediate(() => {
      this.#removal = this.#remove(firstOf(this.#done, REMOVED_AT_ONCE));
    });
  }

  async #remove(keys: readonly number[]): Promise<void> {
    const what = 'remove sent messages from';
    const remove = (): void => {
      for (const key of keys) this.#table.remove(key);
    };
    const onRemoved = (): void => {
      for (const key of keys) this.#done.delete(key);
      this.#removing = false;
      if (this.#done.size > 0) this.#removeSoon();
    };
    const removed = await this.#write(what, () => this.#db.write(what, remove, onRemoved));
    if (!removed) this.#removing = false; // the next one that is done tries again
  }

  async #write(what: string, write: () => Promise<unknown>): Promise<boolean> {
    try {
      await write();
    } catch (thrown) {
      this.#failed(asCamboxError(thrown, what, this.#db.path));
      return false;
    }
    if (this.#problem !== undefined) this.#logger.info('spool_written_again');
    this.#problem = undefined;
    return true;
  }

  #read<T>(work: () => T): T | undefined {
    try {
      return this.#db.read('read messages from', work);
    } catch (thrown) {
      this.#failed(asCamboxError(thrown, 'read', this.#db.path));
      return undefined;
    }
  }

  #failed(problem: CamboxError): void {
    const isNews = problem.code !== this.#problem?.code;
    this.#problem = problem;
    if (!isNews) return;
    const { code, message } = problem;
    this.#logger.error('spool_not_written', { code, problem: message, instead: 'messages wait in memory' });
  }
}

function firstOf(keys: Iterable<number>, most: number): number[] {
  const first: number[] = [];
  for (const key of keys) {
    if (first.length === most) break;
    first.push(key);
  }
  return first;
}

const recordOf = ({ topic, payload, correlationData }: OutMessage) => ({
  topic,
  payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
  correlation: correlationData,
});
