import type { Clock } from '../../base/clock.ts';
import type { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { type MonoUs, msFromUs } from '../../base/units.ts';
import { ClipArchive } from '../../record/archive/clip-archive.ts';
import type { FilesInUse } from '../../record/made/files-in-use.ts';

export interface ArchiveSlotOptions {
  /** The recording folder. */
  readonly dir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly inUse: FilesInUse;
}

/** A catalogue that was made anew and is damaged again is not made anew earlier: a disk that dies is left alone. */
const BETWEEN_REBUILDS_MS = 600_000;

/** The catalogue of the daemon, as long as one is open. One that is found damaged while it is used is closed and made anew. */
export class ArchiveSlot implements AsyncDisposable {
  readonly #options: ArchiveSlotOptions;
  #archive: ClipArchive | undefined;
  /** Of the one that was closed. */
  #damage: CamboxError | undefined;
  #rebuiltAt: MonoUs | undefined;

  constructor(options: ArchiveSlotOptions) {
    this.#options = options;
  }

  get current(): ClipArchive | undefined {
    return this.#archive;
  }

  /** The catalogue was damaged, and was made anew, since the start. */
  get rebuilt(): boolean {
    return this.#rebuiltAt !== undefined;
  }

  /** The open one, if it is sound; else another, which may have to wait for its time. Throws as `ClipArchive.open`, and the signal's reason. */
  async open(signal: AbortSignal): Promise<ClipArchive> {
    if (this.#archive !== undefined && !this.#archive.damaged.aborted) return this.#archive;
    await this.#closeDamaged();
    if (this.#damage !== undefined) await this.#awaitRebuild(signal);
    const { dir, logger, clock, inUse } = this.#options;
    const damage = this.#damage;
    const archive = await ClipArchive.open({
      ...{ dir, logger, inUse, nowMs: clock.wall() },
      ...(damage && { damage }),
    });
    if (archive.rebuilt) this.#rebuiltAt = clock.now();
    this.#damage = undefined;
    this.#archive = archive;
    return archive;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const archive = this.#archive;
    await archive?.[Symbol.asyncDispose]();
    this.#archive = undefined;
  }

  async #closeDamaged(): Promise<void> {
    const archive = this.#archive;
    if (archive === undefined) return;
    this.#damage = archive.damaged.reason as CamboxError;
    this.#archive = undefined;
    await archive[Symbol.asyncDispose]();
  }

  async #awaitRebuild(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const sinceMs = this.#rebuiltAt === undefined ? Number.POSITIVE_INFINITY : msFromUs(clock.now() - this.#rebuiltAt);
    await clock.sleep(Math.max(0, BETWEEN_REBUILDS_MS - sinceMs), signal);
    signal.throwIfAborted();
  }
}
