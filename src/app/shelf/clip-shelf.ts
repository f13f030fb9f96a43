import { dirname } from 'node:path';
import type { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { ClipPage, ClipQuery } from '../../catalog/clips/clip-page.ts';
import type { ClipRecord } from '../../catalog/clips/clip-record.ts';
import type { ClipChange } from '../../catalog/clips/clip-table.ts';
import type { MadeRecord } from '../../catalog/clips/made-record.ts';
import type { MadePage, MadeQuery } from '../../catalog/clips/made-table.ts';
import type { RetentionRules } from '../../catalog/clips/retention.ts';
import type { ClipDetails, TriggerRecord } from '../../catalog/clips/trigger-record.ts';
import type { TriggerPage, TriggerQuery } from '../../catalog/clips/trigger-table.ts';
import type { ClipControl } from '../../control/box.ts';
import type { Check } from '../../health/checks.ts';
import type { ClipArchive } from '../../record/archive/clip-archive.ts';
import { atCorrectedTime } from '../../record/archive/clip-records.ts';
import { Reconciliation } from '../../record/archive/reconcile.ts';
import { RetentionKeeper, type RunningClip } from '../../record/archive/retention-keeper.ts';
import type { ClipResult } from '../../record/clip/clip.ts';
import { FilesInUse } from '../../record/made/files-in-use.ts';
import type { MadeShelf } from '../editing/made-register.ts';
import { supervise } from '../supervisor.ts';
import { ArchiveSlot } from './archive-slot.ts';
import { ClockWatch } from './clock-watch.ts';
import { retentionCheck } from './retention-check.ts';

export interface ShelfOptions {
  readonly dir: string;
  readonly ffprobe: string;
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly backoff: Backoff;
  clockSynced(): boolean | undefined;
  /** As they are now: they may be changed while all runs. */
  rules(): RetentionRules;
  /** The clips that are being recorded now. */
  recording(): readonly RunningClip[];
  /** Say outside what happened: `disk.level`, `clock.stepped`. */
  tell(event: string, body: Readonly<Record<string, unknown>>): void;
}

const SWEEP_MS = 10_000;

/**
 * The catalogue as the daemon has it: opened at the start, and tried again as long as that does not work (a disk that is
 * mounted late, read-only or full); brought in step with the folder in the background. Clips are recorded without it, too: it
 * finds them later.
 */
export class ClipShelf implements ClipControl, MadeShelf, AsyncDisposable {
  readonly #options: ShelfOptions;
  readonly #stop = new AbortController();
  readonly #slot: ArchiveSlot;
  #problem: CamboxError | undefined;
  #keeper: RetentionKeeper | undefined;
  #clockWatch: ClockWatch | undefined;
  #reconciliation: Reconciliation | undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #inUse = new FilesInUse();
  readonly #reconciled = Promise.withResolvers<void>();
  readonly #adding = new Set<Promise<void>>();
  /** Clips under way, and by how much the clock was set since they began. */
  readonly #steps = new Map<string, number>();

  constructor(options: ShelfOptions) {
    this.#options = options;
    this.#slot = new ArchiveSlot({ ...options, inUse: this.#inUse });
  }

  /** Resolves when the catalogue is open, or could not be opened at once. Never rejects. */
  async start(): Promise<void> {
    const { backoff, clock, logger } = this.#options;
    const firstTry = Promise.withResolvers<void>();
    this.#clockWatch = new ClockWatch(clock, (stepMs) => void this.#onClockStep(stepMs));
    this.#running = supervise(() => this.#run(() => firstTry.resolve()), {
      ...{ thing: 'the catalogue', backoff, clock, signal: this.#stop.signal },
      onFailure: (problem, waitMs) => {
        if (problem.message !== this.#problem?.message) {
          logger.error('catalog_unavailable', { code: problem.code, problem: problem.message, retry_ms: waitMs });
        }
        this.#problem = problem;
        firstTry.resolve();
      },
    });
    await firstTry.promise;
  }

  /** The clock was set: clips that are over get their right time now, those under way when they are. */
  async #onClockStep(stepMs: number): Promise<void> {
    const { bootId, logger, recording, tell } = this.#options;
    const underWay = recording().map(({ clip }) => clip);
    for (const clip of underWay) this.#steps.set(clip, (this.#steps.get(clip) ?? 0) + stepMs);
    const corrected = await this.archive?.correctTimes(bootId, stepMs, underWay).catch((failure) => {
      const { code, message } = asCamboxError(failure, 'correct', 'times of clips');
      logger.error('catalog_not_written', { code, problem: message });
    });
    const fields = { step_ms: stepMs, corrected_clips: corrected ?? 0 };
    logger.warn('clock_stepped', fields);
    tell('clock.stepped', fields);
  }

  /** Resolves when folder and catalogue have been brought in step, as far as that goes, or never will be. */
  get reconciled(): Promise<void> {
    return this.#reconciled.promise;
  }

  /** A clip is over. Its file is in place; a catalogue that cannot be written finds it at the next start. */
  add(result: ClipResult): void {
    const { bootId, clockSynced } = this.#options;
    const stepMs = this.#steps.get(result.clip);
    this.#steps.delete(result.clip);
    const corrected = stepMs === undefined ? result : atCorrectedTime(result, stepMs);
    this.#track(this.archive?.add(corrected, { bootId, clockSynced: clockSynced() }), { clip: result.clip });
  }

  /** What is under way when the catalogue is closed is waited for. */
  #track(writing: Promise<void> | undefined, about: Readonly<Record<string, string>>): void {
    if (writing === undefined) return;
    const adding = writing
      .catch(({ code, message }: CamboxError) => {
        this.#options.logger.error('catalog_not_written', { ...about, code, problem: message });
      })
      .finally(() => this.#adding.delete(adding));
    this.#adding.add(adding);
  }

  async find(query: ClipQuery): Promise<ClipPage> {
    return await this.#open.search(query);
  }

  get(clip: string): ClipDetails {
    const archive = this.#openFor(clip);
    return { ...archive.get(clip), triggers: archive.triggers.ofClip(clip) };
  }

  noteTrigger(trigger: Omit<TriggerRecord, 'clock_synced'>): void {
    const clock_synced = this.#options.clockSynced() ?? null;
    this.#track(this.archive?.triggers.add({ ...trigger, clock_synced }), { request: trigger.request });
  }

  triggers(query: TriggerQuery): TriggerPage {
    return this.#open.triggers.find(query);
  }

  async change(clip: string, change: ClipChange): Promise<ClipRecord> {
    return await this.#openFor(clip).change(clip, change);
  }

  async delete(clip: string): Promise<{ readonly bytes: number }> {
    const { made } = this.#open;
    const file = clip.endsWith('.mp4') ? clip : `${clip}.mp4`;
    return await (made.lookUp(file) === undefined ? this.#openFor(clip).delete(clip) : made.delete(file));
  }

  made(query: MadeQuery): MadePage {
    return this.#open.made.find(query);
  }

  /** Why no clip may be started now, as far as the disk is concerned; with `bytes`, why a job may not write so much. */
  refusal(bytes?: number): CamboxError | undefined {
    const isMeasurable = bytes !== undefined && this.archive !== undefined;
    return isMeasurable ? this.#keeper?.refusalOf(bytes) : this.#keeper?.refusal();
  }

  async addMade(path: string, record: MadeRecord): Promise<void> {
    const archive = this.archive;
    if (archive === undefined || dirname(path) !== archive.dir) return; // found at the next start there
    await archive.made.put([record]).catch(({ code, message }: CamboxError) => {
      this.#options.logger.error('catalog_not_written', { file: record.file, code, problem: message });
    });
  }

  hold(files: readonly string[]): Disposable {
    return this.#inUse.hold(files);
  }

  /** Undefined as long as it is not open. */
  get archive(): ClipArchive | undefined {
    return this.#slot.current;
  }

  /** Plain JSON for the health report. Never throws, as all that health asks for. */
  report(): Readonly<Record<string, unknown>> {
    const { archive } = this;
    if (archive === undefined) return { state: 'unavailable' };
    const { total = 0, done = 0, ...found } = this.#reconciliation?.progress ?? {};
    const progress = done < total ? { state: 'recovering', done, total } : { state: 'ready' };
    return (
      this.#asked(() => ({ ...progress, ...archive.report(), ...found, disk: this.#keeper?.report() })) ?? {
        state: 'failed',
      }
    );
  }

  /** Until the disk is full, at the rate of the last day; null: nothing was recorded, or nothing is known. */
  get hoursLeft(): number | null {
    return this.archive === undefined ? null : (this.#asked(() => this.#keeper?.hoursLeft) ?? null);
  }

  /** What is to stay free on the disk. */
  get leastFreeBytes(): number {
    return this.#options.rules().leastFreeBytes;
  }

  checks(): readonly Check[] {
    return [this.#check(), ...(this.#keeper === undefined ? [] : [retentionCheck(this.#keeper)])];
  }

  /** Undefined when the catalogue cannot be read: why, its check tells. */
  #asked<T>(question: () => T): T | undefined {
    try {
      return question();
    } catch (thrown) {
      const { code, message } = asCamboxError(thrown, 'ask', 'the catalogue');
      this.#options.logger.debug('catalog_not_read', { code, problem: message });
      return undefined;
    }
  }

  #check(): Check {
    const id = 'catalog';
    const { archive } = this;
    const problem = archive === undefined ? this.#problem : archive.problem;
    if (archive === undefined || problem !== undefined) {
      const hint = problem?.message ?? 'Wait: it is being opened';
      return { id, status: 'warn', code: 'catalog_unavailable', hint };
    }
    if (!this.#slot.rebuilt) return { id, status: 'ok' };
    const hint = 'It was damaged and made anew from the clips: check the disk';
    return { id, status: 'warn', code: 'catalog_rebuilt', hint };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#reconciled.resolve();
    this.#clockWatch?.[Symbol.dispose]();
    await this.#running;
    await Promise.all(this.#adding);
    await this.#slot[Symbol.asyncDispose]();
    this.#problem = new CamboxError('interrupted', {
      verb: 'use',
      thing: 'the catalogue',
      reason: 'cambox is stopping',
    });
  }

  /** For a clip that is over: of one under way the catalogue knows nothing yet. Throws `conflict`. */
  #openFor(clip: string): ClipArchive {
    const archive = this.#open;
    const isUnderWay = this.#options.recording().some((running) => running.clip === clip);
    if (!isUnderWay || archive.lookUp(clip) !== undefined) return archive;
    throw new CamboxError('conflict', {
      ...{ verb: 'find', thing: `clip ${clip}`, reason: 'it is still being recorded' },
      remedy: 'Wait until it is over, or end it: cambox clip stop',
    });
  }

  get #open(): ClipArchive {
    if (this.archive !== undefined) return this.archive;
    throw (
      this.#problem ?? new CamboxError('busy', { verb: 'use', thing: 'the catalogue', reason: 'it is being opened' })
    );
  }

  async #run(onOpen: () => void): Promise<void> {
    const { dir, logger, clock, recording } = this.#options;
    const archive = await this.#slot.open(this.#stop.signal);
    const signal = AbortSignal.any([this.#stop.signal, archive.damaged]);
    this.#problem = undefined;
    this.#keeper = new RetentionKeeper({
      ...{ ...this.#options, archive },
      onLevel: (level) => this.#options.tell('disk.level', { level }),
    });
    await this.#keeper.sweep();
    const isRecording = (clip: string): boolean => recording().some((running) => running.clip === clip);
    this.#reconciliation = await Reconciliation.plan(archive, { ...this.#options, signal, isRecording });
    onOpen();
    await this.#reconciliation.run().catch((failure) => {
      const { code, message } = asCamboxError(failure, 'look through', dir);
      logger.error('catalog_not_reconciled', { code, problem: message }); // the next start tries again
    });
    if (!archive.damaged.aborted) this.#reconciled.resolve();
    while (!signal.aborted) {
      await this.#keeper.sweep();
      await clock.sleep(SWEEP_MS, signal);
    }
    archive.damaged.throwIfAborted(); // the next run makes it anew
  }
}
