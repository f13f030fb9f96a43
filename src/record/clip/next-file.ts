import { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { MonoUs, WallMs } from '../../base/units.ts';
import type { PreRollRing } from '../../frame/pre-roll.ts';
import type { ClipEnd, ClipResult, RecordingClip, WholeClipResult } from './clip.ts';
import { isOfRow } from './clip-row.ts';
import { begunLater, type ClipRest, type EndedPart } from './continue-clip.ts';

/** One try at a file. */
export interface FileAttempt {
  /** Undefined: there was no room for it. */
  readonly clip: RecordingClip | undefined;
  /** How it went, also when its ffmpeg did not start; never rejects. */
  readonly over: Promise<ClipResult>;
}

export interface NextFileParts {
  readonly camera: string;
  /** The file before, and what is left to record. */
  readonly before: EndedPart;
  readonly rest: ClipRest;
  readonly ring: Pick<PreRollRing, 'oldestSince'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Begin it now. `again`: not the first try, so frames may be missing before it. */
  attempt(rest: ClipRest, again: boolean): FileAttempt;
  /** Told once, how it went in the end. */
  onOver(result: ClipResult): void;
}

const RETRY = { firstMs: 1000, maxMs: 30_000 };
/** Why a file is empty that may be none the next time. */
const MAY_PASS: ReadonlySet<ClipEnd> = new Set(['ffmpeg_failed', 'out_of_memory', 'disk_failed']);

/**
 * The next file of a clip whose file is long enough. When it cannot be begun (no room, a disk that is full or read-only), it is
 * tried again as long as more of the clip is wanted: out of the pre-roll ring, as far back as that reaches; the file tells the
 * gap before it.
 */
export class NextFile implements RecordingClip {
  readonly id: string;
  readonly camera: string;
  readonly finished: Promise<ClipResult>;
  readonly #parts: NextFileParts;
  readonly #backoff = new Backoff(RETRY);
  readonly #stop = new AbortController();
  #current: RecordingClip | undefined;
  #isWanted = true;
  #problem: ClipEnd | undefined;

  /** The first try is made at once: no frame is missed. */
  constructor(parts: NextFileParts) {
    this.id = parts.rest.request.id;
    this.camera = parts.camera;
    this.#parts = parts;
    this.finished = this.#run(this.#try(parts.rest, false));
  }

  get frames(): number {
    return this.#current?.frames ?? 0;
  }

  get next(): RecordingClip | undefined {
    return this.#current?.next;
  }

  /** Between two tries: nothing is recorded. */
  get waits(): boolean {
    return this.#current === undefined;
  }

  async whole(): Promise<WholeClipResult> {
    return (await this.#parts.rest.whole.result()) ?? (await this.finished);
  }

  answersTo(id: string): boolean {
    return isOfRow(this.#parts.rest.row, id);
  }

  stop(end: ClipEnd): void {
    this.#isWanted = false;
    this.#current?.stop(end);
    this.#stop.abort();
  }

  async #run(first: Promise<ClipResult>): Promise<ClipResult> {
    let result = await first;
    while (this.#isWanted && couldNotBegin(result)) {
      this.#current = undefined;
      const startsAt = await this.#waitAfter(result);
      if (startsAt === undefined) break;
      result = await this.#try(begunLater(this.#parts.before, this.#parts.rest, startsAt), true);
    }
    this.#parts.onOver(result);
    return result;
  }

  #try(rest: ClipRest, again: boolean): Promise<ClipResult> {
    const { clip, over } = this.#parts.attempt(rest, again);
    this.#current = clip;
    return over;
  }

  /** When the next try begins with the oldest frame there still is; undefined: nothing more is wanted. */
  async #waitAfter({ end, detail }: ClipResult): Promise<MonoUs | undefined> {
    const { clock, logger, ring, rest, before } = this.#parts;
    const waitMs = this.#backoff.nextMs();
    if (end !== this.#problem) logger.warn('clip_waits', { clip: this.id, end, problem: detail, retry_ms: waitMs });
    this.#problem = end;
    await clock.sleep(waitMs, this.#stop.signal);
    const startsAt = ring.oldestSince(rest.startsAt) ?? clock.now();
    const { wantedUntil } = before.span;
    const isLate = wantedUntil !== undefined && startsAt >= wantedUntil;
    return this.#isWanted && !isLate ? startsAt : undefined;
  }
}

/** Nothing is in its file, and nothing goes on from it. */
const couldNotBegin = ({ state, end, continued_by }: ClipResult): boolean =>
  state === 'failed' && continued_by === undefined && MAY_PASS.has(end);

/** What a file comes to that there was no room for. */
export const neverOpened = (camera: string, rest: ClipRest, startedAt: WallMs, failure: CamboxError): ClipResult => ({
  ...{ clip: rest.request.id, camera },
  ...(rest.request.label !== undefined && { label: rest.request.label }),
  ...(rest.request.class !== undefined && { class: rest.request.class }),
  ...{ state: 'failed', end: 'ffmpeg_failed', path: null, encoder: 'copy' },
  ...(rest.row.previous !== undefined && { continues: rest.row.previous }),
  ...{ frames: 0, duration_ms: 0, pre_roll_asked_ms: rest.request.preMs, pre_roll_got_ms: 0, gaps: [], bytes: 0 },
  ...{ started_at: new Date(startedAt).toISOString(), detail: failure.message },
});
