import { basename } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { CamboxError } from '../../base/errors.ts';
import type { MadeRecord } from '../../catalog/clips/made-record.ts';
import type { ClipOrigin } from '../../record/clip/clip-metadata.ts';
import { type MadeNote, type MadeOf, madeNote } from '../../record/made/made-note.ts';

/** The catalogue of files that jobs make of clips, and the disk they are made on; implemented by the shelf. */
export interface MadeShelf {
  /** Why so many bytes more may not be written now. */
  refusal(bytes: number): CamboxError | undefined;
  /** A file is in place. Never rejects: one that could not be written down is found at the next start. */
  addMade(path: string, record: MadeRecord): Promise<void>;
  /** Keep these files of the recording folder until it is disposed of: a job reads them. */
  hold(files: readonly string[]): Disposable;
}

export interface MadeRegisterDeps {
  readonly shelf: MadeShelf;
  readonly origin: Pick<ClipOrigin, 'box' | 'clockSynced'>;
  readonly clock: Clock;
}

/** One job's entries in the catalogue: what it reads is kept meanwhile, what it makes is written down. */
export class MadeRegister implements AsyncDisposable {
  readonly #deps: MadeRegisterDeps;
  readonly #job: string;
  readonly #held: Disposable;
  readonly #adding: Promise<void>[] = [];

  /** `reads`: paths. `bytes`: what it will write, about. Throws `disk_full`. */
  static begin(deps: MadeRegisterDeps, job: string, reads: readonly string[], bytes: number): MadeRegister {
    const refusal = deps.shelf.refusal(bytes);
    if (refusal !== undefined) throw refusal;
    return new MadeRegister(deps, job, reads);
  }

  private constructor(deps: MadeRegisterDeps, job: string, reads: readonly string[]) {
    this.#deps = deps;
    this.#job = job;
    this.#held = deps.shelf.hold(reads.map((path) => basename(path)));
  }

  /** What a file is to say of itself. */
  note(of: MadeOf): MadeNote {
    const { origin, clock } = this.#deps;
    return madeNote(of, this.#job, origin, clock.wall());
  }

  /** A file is in place. */
  add(
    note: MadeNote,
    { path, bytes, duration_ms }: Pick<MadeRecord, 'bytes' | 'duration_ms'> & { path: string },
  ): void {
    const { cambox_made: _, box: __, ...told } = note;
    this.#adding.push(this.#deps.shelf.addMade(path, { ...told, file: basename(path), bytes, duration_ms }));
  }

  /** Resolves when all of it is written down. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#held[Symbol.dispose]();
    await Promise.all(this.#adding);
  }
}
