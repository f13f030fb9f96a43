import { createHash } from 'node:crypto';
import { release } from 'node:os';
import type { Clock } from '../../base/clock.ts';
import type { EncoderName, EncoderWish } from '../../base/encoder-names.ts';
import { ENCODER_NAMES } from '../../base/encoder-names.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { msFromUs } from '../../base/units.ts';
import { Child } from '../child/child.ts';
import { type LiveAdmission, liveWorkload } from '../clip/clip-admission.ts';
import { clipArguments } from '../ffmpeg/ffmpeg-arguments.ts';
import type { FfmpegBuild } from '../ffmpeg/ffmpeg-build.ts';
import { findFfmpeg } from '../ffmpeg/find-ffmpeg.ts';
import type { MemoryCaps, MemoryUse } from '../memory/memory-caps.ts';
import { ensureWritableDirectory } from '../record-directory.ts';
import { type Demotion, Demotions, sizeName } from './demotions.ts';
import type { ChosenEncoder, EncoderAdvice } from './encoder-advice.ts';
import { type DeviceRoots, type EncoderDevice, findEncoderDevices } from './encoder-devices.ts';
import { PROFILES, profileOf } from './encoder-order.ts';
import type { EncodeJob, PictureSize } from './encoder-profile.ts';
import {
  candidates,
  chooseEncoder,
  type EncoderStanding,
  type EncoderVerdict,
  isUndecided,
  verdictFields,
} from './encoder-verdict.ts';
import { cropToShown } from './picture-fit.ts';
import { EncoderProbe, removeLeftovers } from './probe-encoder.ts';
import type { ProbePictures } from './probe-stream.ts';
import { VerdictBook } from './verdict-book.ts';
import type { VerdictStore } from './verdict-store.ts';

export interface EncoderDeskOptions {
  readonly ffmpeg: string;
  readonly ffprobe: string;
  /** For the short files of probes. */
  readonly folder: string;
  /** What each ffmpeg of a probe may take. Default 8 s. */
  readonly limitMs?: number;
  readonly roots?: DeviceRoots;
}

export interface EncoderDeskDeps {
  readonly store: VerdictStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A probe takes its share of the machine as a clip does, and runs under the cap of one. */
  readonly live: LiveAdmission;
  readonly caps: MemoryCaps;
}

/** What is known of one encoder. */
export interface SurveyedEncoder extends EncoderStanding {
  readonly encoder: EncoderName;
}

const LIMIT_MS = 8000;
/** Clips have 100: they go before. */
const CPU_WEIGHT = 10;
/** Each is half as large again, up to the most that a child is given. */
const MORE_CAPS = 3;

/**
 * Knows which encoders work on this machine, for all cameras: probes them one at a time in the background, remembers
 * what it found, and gives up those that fail at run time. `prepare` before use; until that is done nothing is known.
 */
export class EncoderDesk implements EncoderAdvice, AsyncDisposable {
  readonly #options: EncoderDeskOptions;
  readonly #deps: EncoderDeskDeps;
  readonly #book: VerdictBook;
  readonly #demotions = new Demotions();
  readonly #devices = new Map<EncoderName, readonly EncoderDevice[]>();
  #build: FfmpegBuild | undefined;
  /** A probe, or the preparation. */
  #probing: Promise<void> | undefined;
  #child: Child | undefined;
  #lastProblem: string | undefined;
  #closed = false;

  constructor(options: EncoderDeskOptions, deps: EncoderDeskDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#book = new VerdictBook(deps.store);
  }

  /** Look which devices there are, which ffmpeg, and what an earlier run found out with them. Never throws. */
  async prepare(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#probing = promise;
    for (const profile of PROFILES) {
      this.#devices.set(profile.name, await findEncoderDevices(profile, this.#options.roots));
    }
    await removeLeftovers(this.#options.folder, this.#deps.clock.wall());
    this.#book.load();
    try {
      this.#build = await findFfmpeg(this.#options.ffmpeg);
    } catch (thrown) {
      this.#warn('encoder_probe_failed', thrown); // a probe looks again
    }
    this.#probing = undefined;
    resolve();
  }

  /** Given up since the start, and in earlier runs. */
  get demotions(): readonly Demotion[] {
    return this.#demotions.list();
  }

  get earlierDemotions(): readonly Demotion[] {
    return this.#book.earlierDemotions;
  }

  get idle(): boolean {
    return this.#probing === undefined && !this.#closed;
  }

  undecided(wish: EncoderWish, job: EncodeJob): boolean {
    return isUndecided(wish, (name) => this.#standing(name, job));
  }

  choose(wish: EncoderWish, job: EncodeJob, avoid: readonly EncoderName[]): ChosenEncoder {
    const choice = chooseEncoder(wish, avoid, (name) => this.#standing(name, job));
    return { ...choice, job: this.#withDevice(choice.encoder, job) };
  }

  consider(wish: EncoderWish, job: EncodeJob, pictures: ProbePictures): void {
    if (!this.idle) return;
    const untilOneWorks = async (): Promise<void> => {
      for await (const { verdict, demoted } of this.#probeAll(candidates(wish), job, pictures)) {
        if (verdict?.works && demoted === undefined) return;
      }
    };
    this.#probing = untilOneWorks()
      .catch((thrown: unknown) => this.#warn('encoder_probe_failed', thrown))
      .finally(() => {
        this.#probing = undefined;
      });
  }

  /** Probe every encoder, in our order: for `cambox doctor`. Throws what keeps any from being probed. */
  survey(job: EncodeJob, pictures: ProbePictures): AsyncIterable<SurveyedEncoder> {
    return this.#probeAll(ENCODER_NAMES, job, pictures);
  }

  failed(encoder: EncoderName, size: PictureSize, reason: string): void {
    const { logger, clock } = this.#deps;
    const demotion = this.#demotions.fail(encoder, size, reason, clock.wall());
    if (demotion === undefined) return;
    logger.warn('encoder_demoted', { encoder, size: demotion.size, reason });
    void this.#keep(this.#book.demote(demotion));
  }

  /** What is known already is not probed again. `copy` needs no probe. */
  async *#probeAll(
    names: readonly EncoderName[],
    job: EncodeJob,
    pictures: ProbePictures,
  ): AsyncGenerator<SurveyedEncoder> {
    this.#build ??= await findFfmpeg(this.#options.ffmpeg);
    await ensureWritableDirectory(this.#options.folder);
    await using probe = await this.#openProbe(pictures, this.#build);
    for (const encoder of names) {
      const standing = this.#standing(encoder, job);
      const { verdict, demoted, missing } = standing;
      const isKnown = encoder === 'copy' || missing || demoted !== undefined || verdict !== undefined;
      yield { encoder, ...standing, ...(isKnown ? {} : { verdict: await this.#probe(probe, encoder, job) }) };
      if (this.#closed) return;
    }
  }

  #standing(name: EncoderName, job: EncodeJob): EncoderStanding {
    const { devices, multiple } = profileOf(name);
    const missing = devices.length > 0 && (this.#devices.get(name) ?? []).length === 0;
    return {
      verdict: missing ? undefined : this.#book.get(this.#keyOf(name, job)),
      demoted: job.size && this.#demotions.reason(name, job.size),
      missing,
      needsSize: job.size === undefined && multiple.width > 2,
    };
  }

  #openProbe(pictures: ProbePictures, build: FfmpegBuild): Promise<EncoderProbe> {
    const { ffmpeg, ffprobe, folder, limitMs = LIMIT_MS } = this.#options;
    const { clock, caps } = this.#deps;
    return EncoderProbe.open(pictures, {
      ...{ build, ffprobe, folder, limitMs, clock },
      spawn: async (args, memoryBytes) => {
        const place = await caps.place({ memoryBytes, cpuWeight: CPU_WEIGHT });
        this.#child = await Child.spawn(ffmpeg, args, clock, { place });
        if (this.#closed) void this.#child.kill('shutting down');
        return this.#child;
      },
    });
  }

  async #probe(probe: EncoderProbe, encoder: EncoderName, job: EncodeJob): Promise<EncoderVerdict> {
    const { logger, clock } = this.#deps;
    const startedAt = clock.now();
    let { verdict, overCap } = await this.#tryUnderCap(probe, encoder, job);
    for (let more = MORE_CAPS; overCap && more > 0; more--) {
      ({ verdict, overCap } = await this.#tryUnderCap(probe, encoder, job));
    }
    if (this.#closed) return verdict; // killed by us: no fault of the encoder
    const size = job.size === undefined ? '' : sizeName(job.size);
    const tookMs = Math.round(msFromUs(clock.now() - startedAt));
    const about = { atMs: clock.wall(), ffmpeg: this.#build?.version ?? '', tookMs };
    this.#lastProblem = undefined;
    logger.info('encoder_probed', { encoder, size: size || undefined, ...verdictFields(verdict), took_ms: tookMs });
    await this.#keep(this.#book.add({ key: this.#keyOf(encoder, job), encoder, size, verdict, ...about }));
    return verdict;
  }

  /** A graphics driver may need far more memory than expected: then the next cap is larger. */
  async #tryUnderCap(probe: EncoderProbe, encoder: EncoderName, job: EncodeJob) {
    const lease = this.#deps.live.admit(`probe of ${encoder}`, [liveWorkload(encoder, probe.size)]);
    if (lease instanceof CamboxError) throw lease; // later, perhaps
    let use: MemoryUse | undefined;
    try {
      const verdict = await probe.try(encoder, this.#withDevice(encoder, job), lease.capBytes);
      use = probe.memory;
      return { verdict, overCap: use?.killed === 'over_cap' };
    } finally {
      // Only that the cap is too small is learned: half a second of recording tells nothing of the rest.
      lease.end(use?.killed === 'over_cap' ? { heldBytes: use.heldBytes, overCap: true } : undefined);
    }
  }

  async #keep(keeping: Promise<void>): Promise<void> {
    try {
      await keeping;
    } catch (thrown) {
      this.#warn('encoder_memory_not_kept', thrown);
    }
  }

  #withDevice(name: EncoderName, job: EncodeJob): EncodeJob {
    return { ...job, device: this.#devices.get(name)?.[0]?.path };
  }

  /** Changes with everything that a verdict hangs on: ffmpeg build, kernel, device, size, arguments, and what the pictures are compared with. */
  #keyOf(encoder: EncoderName, job: EncodeJob): string {
    const devices = (this.#devices.get(encoder) ?? []).map(({ path, name }) => `${path} ${name}`);
    const args = clipArguments({ encoder, job: this.#withDevice(encoder, job), passthrough: '-fps_mode', output: '-' });
    const size = job.size === undefined ? '' : sizeName(job.size);
    const parts = [this.#build?.fingerprint, release(), size, ...devices, ...args, ...cropToShown(job.size)];
    return createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 22);
  }

  #warn(event: string, thrown: unknown): void {
    const { code, message } = asCamboxError(thrown, 'probe', 'encoders');
    if (this.#closed) return; // we have ended it ourselves
    if (message !== this.#lastProblem) this.#deps.logger.warn(event, { code, problem: message });
    this.#lastProblem = message;
  }

  /** Waits for a probe under way to be really over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#child?.kill('shutting down');
    await this.#probing;
  }
}
