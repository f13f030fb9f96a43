import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { ReasonCounts } from '../../base/reason-counts.ts';
import { CLASSES_AT_A_TIME } from '../../catalog/clips/clip-table.ts';
import { type Expiry, type ExpiryReason, nextToDelete, type RetentionRules } from '../../catalog/clips/retention.ts';
import type { ClipArchive } from './clip-archive.ts';
import { type DiskRoom, diskRoom } from './disk-room.ts';
import { QUARANTINE } from './recover-partial.ts';
import { SPARE_BYTES } from './spare-room.ts';
import { type StuckFile, StuckFiles } from './stuck-files.ts';
import { roomBeingWritten, usedRoom } from './used-room.ts';

/** A clip that is being recorded. */
export interface RunningClip {
  readonly clip: string;
  readonly camera: string;
  /** End it; what is there stays and plays. */
  readonly finish: () => void;
}

export interface RetentionOptions {
  readonly archive: ClipArchive;
  readonly clock: Clock;
  readonly logger: Logger;
  rules(): RetentionRules;
  clockSynced(): boolean | undefined;
  recording(): readonly RunningClip[];
  /** Told when the level changes. */
  onLevel?(level: RetentionLevel): void;
}

export type RetentionLevel = 'ok' | 'low' | 'full' | 'read_only' | 'unknown';

/** A clip that is being recorded is given room for two minutes, and is ended when there is none for 20 s. */
const AHEAD_S = 120;
const LAST_S = 20;
/** For a camera that has no clips yet. */
const DEFAULT_BYTES_PER_S = 1_000_000;
/** Of the least free space so much is for what must not fail: the catalogue, the ends of clips. */
const FLOOR_SHARE = 1 / 8;
/** Deletions of one round; the next one goes on. */
const MOST_A_ROUND = 500;
const HOUR_MS = 3_600_000;
const FORECAST_FROM_MS = 24 * HOUR_MS;

/**
 * Keeps the recording folder within its limits: the oldest unprotected clips go first, then what is in quarantine; when
 * nothing is left to delete, what is being recorded is ended while it can still be ended well, and new clips are refused.
 */
export class RetentionKeeper {
  readonly #options: RetentionOptions;
  readonly #deleted = new ReasonCounts<ExpiryReason | 'quarantine'>();
  readonly #stuck: StuckFiles;
  #room: DiskRoom = { state: 'unknown', problem: 'not looked at yet' };
  #level: RetentionLevel = 'ok';
  #classesFrom = '';
  #failures = 0;
  #finished = 0;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#stuck = new StuckFiles(options.clock, options.logger);
  }

  get level(): RetentionLevel {
    return this.#level;
  }

  /** Files that have to go and cannot be removed; others went in their place. */
  get stuck(): readonly StuckFile[] {
    return this.#stuck.all;
  }

  /** Something should go by its age, and nobody tells whether the clock is right. */
  get lacksClock(): boolean {
    const { maxAgeMs, classMaxAgeMs } = this.#options.rules();
    const hasAges = maxAgeMs !== undefined || (classMaxAgeMs !== undefined && classMaxAgeMs.size > 0);
    return hasAges && this.#options.clockSynced() === undefined;
  }

  /** Why no clip may be started now; undefined when one may. */
  refusal(): CamboxError | undefined {
    return this.#level === 'full' ? this.#diskFull('the disk is full and nothing more may be deleted') : undefined;
  }

  /** Why a job may not write so many bytes now: it must not take the room of what is being recorded. */
  refusalOf(bytes: number): CamboxError | undefined {
    const full = this.refusal();
    if (full !== undefined || this.#room.state === 'unknown') return full;
    if (this.#room.freeBytes - bytes >= this.#leastForRecording) return undefined;
    return this.#diskFull(`what is recorded needs the room that ${Math.round(bytes)} bytes more would take`);
  }

  #diskFull(reason: string): CamboxError {
    const received = this.#room.state === 'unknown' ? undefined : `${this.#room.freeBytes} bytes free`;
    return new CamboxError('disk_full', {
      ...{ verb: 'record into', thing: this.#options.archive.dir, reason, received },
      remedy: 'Take protection from clips (cambox clips ls --protected), or remove other files',
    });
  }

  /** Delete what has to go. One round at a time; never throws. */
  async sweep(): Promise<void> {
    const since = this.#options.clock.now();
    await this.#attempt('make room in', async () => {
      await this.#keepSpareRoom();
      await this.#deleteExpired();
      this.#turnClasses();
      await this.#purgeQuarantine();
      this.#stuck.forgetUntried(since);
    });
    await this.#attempt('judge the room of', () => this.#judge());
    if (this.#level === 'full') this.#finishRecordings();
  }

  /** Never throws: what fails is logged and counted. */
  async #attempt(what: string, work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.#failures += 1;
      const { code, message } = asCamboxError(thrown, what, this.#options.archive.dir);
      this.#options.logger.error('retention_failed', { code, problem: message });
    }
  }

  /** Plain JSON for the health report. */
  report(): Readonly<Record<string, unknown>> {
    const known = this.#room.state !== 'unknown' && {
      free_bytes: this.#room.freeBytes,
      hours_left: this.hoursLeft,
    };
    return {
      level: this.#level,
      ...known,
      wanted_free_bytes: Math.round(this.#wantedFree),
      deleted: this.#deleted.toJSON(),
      failures: this.#failures,
      ended_early: this.#finished,
      not_removed: this.#stuck.all.length,
    };
  }

  /** While it can be had without a deletion that would not be needed soon anyway. */
  async #keepSpareRoom(): Promise<void> {
    const { archive, rules } = this.#options;
    this.#room = await diskRoom(archive.dir);
    const floor = rules().leastFreeBytes * FLOOR_SHARE;
    if (this.#room.state === 'writable' && this.#room.freeBytes > floor + SPARE_BYTES) await archive.room.keep();
  }

  async #deleteExpired(): Promise<void> {
    const { archive, clock, rules, clockSynced } = this.#options;
    const written = await roomBeingWritten(archive.dir, this.#options.recording());
    for (let n = 0; n < MOST_A_ROUND; n++) {
      this.#room = await diskRoom(archive.dir);
      if (this.#room.state === 'read_only') return;
      const used = usedRoom(archive, written);
      const leftAlone = this.#stuck.leftAlone;
      const choice = nextToDelete(
        {
          nowMs: clock.wall(),
          clockSynced: clockSynced(),
          freeBytes: this.#room.state === 'unknown' ? undefined : this.#room.freeBytes,
          neededBytes: this.#needed(AHEAD_S),
          usedBytes: used.bytes,
          usedByCamera: used.byCamera,
          oldestOfClasses: () => [
            ...archive.made.oldestOfKinds(leftAlone),
            ...archive.oldestOfClasses(this.#classesFrom, leftAlone),
          ],
          oldestClip: (camera) => archive.oldest(camera, leftAlone),
          oldestMade: (camera) => archive.made.oldest(camera, leftAlone),
        },
        rules(),
      );
      if (choice === undefined) return;
      await this.#tryTo(choice.file.name, () => this.#delete(choice));
    }
  }

  async #tryTo(name: string, remove: () => Promise<void>): Promise<void> {
    try {
      await remove();
      this.#stuck.forget(name);
    } catch (failure) {
      this.#failures += 1;
      this.#stuck.add(name, failure);
    }
  }

  async #delete({ file: { what, name }, why }: Expiry): Promise<void> {
    const { archive, logger } = this.#options;
    if (what === 'clip') {
      const { bytes, camera, started_at } = await archive.delete(name);
      logger.info('clip_expired', { clip: name, camera, why, bytes, started_at });
    } else {
      const { bytes, camera, made_at } = await archive.made.delete(name);
      logger.info('made_expired', { file: name, camera, why, bytes, made_at });
    }
    this.#deleted.add(why);
  }

  /** Of each round other classes, where there are more than can be looked at. */
  #turnClasses(): void {
    const classes = this.#options.archive.oldestOfClasses(this.#classesFrom);
    this.#classesFrom = classes.length < CLASSES_AT_A_TIME ? '' : classes.at(-1)!.class;
  }

  /** Only when room is needed: somebody may want to look at it. */
  async #purgeQuarantine(): Promise<void> {
    const { archive, logger } = this.#options;
    if (this.#room.state === 'unknown' || this.#room.freeBytes >= this.#wantedFree) return;
    const folder = join(archive.dir, QUARANTINE);
    const leftAlone = this.#stuck.leftAlone;
    for (const name of await readdir(folder).catch(() => [])) {
      const file = join(QUARANTINE, name);
      if (leftAlone.has(file)) continue;
      await this.#tryTo(file, async () => {
        await unlink(join(folder, name));
        this.#deleted.add('quarantine');
        logger.info('quarantine_purged', { file: name });
      });
    }
    this.#room = await diskRoom(archive.dir);
  }

  #judge(): void {
    const { logger, archive } = this.#options;
    const before = this.#level;
    this.#level = this.#levelOf(this.#room);
    if (this.#level === before) return;
    const fields = { dir: archive.dir, before, ...this.#room };
    if (this.#level === 'ok') logger.info('disk_ok', fields);
    else logger.warn(`disk_${this.#level}`, fields);
    this.#options.onLevel?.(this.#level);
  }

  #levelOf(room: DiskRoom): RetentionLevel {
    if (room.state !== 'writable') return room.state;
    if (room.freeBytes < this.#leastForRecording) return 'full';
    return room.freeBytes < this.#wantedFree ? 'low' : 'ok';
  }

  #finishRecordings(): void {
    for (const { clip, camera, finish } of this.#options.recording()) {
      this.#options.logger.warn('clip_ended_for_room', { clip, camera });
      this.#finished += 1;
      finish();
    }
  }

  get #leastForRecording(): number {
    const { leastFreeBytes } = this.#options.rules();
    return leastFreeBytes * FLOOR_SHARE + Math.max(this.#needed(LAST_S), this.#neededByOne());
  }

  get #wantedFree(): number {
    return this.#options.rules().leastFreeBytes + this.#needed(AHEAD_S);
  }

  /** What the clips under way may write within so many seconds. */
  #needed(seconds: number): number {
    const { archive, recording } = this.#options;
    return recording().reduce((sum, { camera }) => sum + seconds * (archive.rateOf(camera) ?? DEFAULT_BYTES_PER_S), 0);
  }

  /** By whichever camera needs most: a clip that would have to be ended at once is not begun. */
  #neededByOne(): number {
    const { archive } = this.#options;
    return LAST_S * Math.max(0, ...archive.usage().map(({ camera }) => archive.rateOf(camera) ?? DEFAULT_BYTES_PER_S));
  }

  /** Until the disk is full, at the rate of the last day; null when nothing was recorded, or nothing is known. */
  get hoursLeft(): number | null {
    const { archive, clock } = this.#options;
    if (this.#room.state === 'unknown') return null;
    const { freeBytes } = this.#room;
    const { bytes, sinceMs } = archive.recordedSince(clock.wall() - FORECAST_FROM_MS);
    const hours = (clock.wall() - sinceMs) / HOUR_MS;
    if (bytes === 0 || hours <= 0) return null;
    return Math.round((freeBytes / (bytes / hours)) * 10) / 10;
  }
}
