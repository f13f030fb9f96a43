import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { JobContext } from '../../jobs/job.ts';
import { finishClip } from '../cut/finish-clip.ts';
import { type FfmpegRunDeps, type FfmpegUse, runFfmpegJob } from '../ffmpeg/ffmpeg-job.ts';
import {
  type BurntLabel,
  joinArguments,
  picturesTimelapseArguments,
  type TimelapseLook,
  videoTimelapseArguments,
} from '../ffmpeg/timelapse-arguments.ts';
import { type MadeVideo, madeBefore } from '../made-before.ts';
import { ensureWritableDirectory } from '../record-directory.ts';
import { WholeFile } from '../whole-file.ts';
import { labelText, PICTURE_CLOCK, videoClock } from './label-text.ts';
import { type Pace, pictureList, pictureSlots, type TimedPicture, videoList } from './picture-slots.ts';
import { pictureFault } from './read-pictures.ts';
import type { TimelapseOrder, TimelapseReport, TimelapseVideo } from './timelapse-order.ts';
import { Unreadable } from './unreadable.ts';

export interface TimelapseDeps extends FfmpegRunDeps {
  /** The program. */
  readonly ffmpeg: string;
}

/**
 * Make a timelapse. What cannot be read is left out and counted. Throws the reason of `context.signal`; `bad_input` when
 * nothing is left, `conflict`, `not_writable`, `disk_full`, `resource_limit`, `missing_program`, `timed_out`, `child_failed`.
 * Nothing half-written stays behind. What an earlier attempt at this job has made is not made again.
 */
export async function runTimelapse(
  order: TimelapseOrder,
  context: JobContext,
  deps: TimelapseDeps,
): Promise<TimelapseReport> {
  const made = context.attempt === 1 ? undefined : await madeBefore(order.out);
  if (made !== undefined) return reportOfMade(order, made);
  const file = new WholeFile(order.out, 'write');
  await ensureWritableDirectory(dirname(order.out));
  await file.claim();
  const notes = await mkdtemp(join(tmpdir(), 'cambox-timelapse-'));
  try {
    const work = new TimelapseWork(order, file, notes, context, deps);
    return await (order.source.kind === 'pictures'
      ? work.ofPictures(order.source.pictures)
      : work.ofVideos(order.source.videos));
  } finally {
    await rm(notes, { recursive: true, force: true });
    await file.discard();
  }
}

/** What ffmpeg could not read of the sources is not known any more. */
const reportOfMade = ({ out, size, source }: TimelapseOrder, { shown, bytes }: MadeVideo): TimelapseReport => ({
  path: out,
  frames: shown.frames,
  duration_ms: shown.durationMs,
  ...size,
  used: source.kind === 'videos' ? source.videos.length : source.pictures.length,
  ...new Unreadable().toJSON(),
  bytes,
});

class TimelapseWork {
  readonly #order: TimelapseOrder;
  readonly #file: WholeFile;
  /** A folder for lists and labels. */
  readonly #notes: string;
  readonly #context: JobContext;
  readonly #deps: TimelapseDeps;
  readonly #unreadable = new Unreadable();
  readonly #uses: FfmpegUse[] = [];

  constructor(order: TimelapseOrder, file: WholeFile, notes: string, context: JobContext, deps: TimelapseDeps) {
    this.#order = order;
    this.#file = file;
    this.#notes = notes;
    this.#context = context;
    this.#deps = deps;
  }

  async ofPictures(all: readonly TimedPicture[]): Promise<TimelapseReport> {
    const slots = await this.#readableSlots(all);
    if (slots.length === 0) throw this.#nothingLeft();
    const withTimes = this.#order.label?.wish.time ?? false;
    const list = await this.#note('pictures.txt', pictureList(slots, withTimes));
    const args = picturesTimelapseArguments(list, this.#file.partial, await this.#look(PICTURE_CLOCK));
    await this.#run(args, (slots.length * 1000) / this.#order.fps, [0, 1]);
    return this.#finish(new Set(slots).size, slots.length);
  }

  /** Only pictures that are shown are read: one that cannot be makes room for its neighbours. */
  async #readableSlots(all: readonly TimedPicture[]): Promise<TimedPicture[]> {
    const { pace, fps } = this.#order;
    const read = new Set<TimedPicture>();
    const faulty = new Set<TimedPicture>();
    for (;;) {
      const left = all.filter((picture) => !faulty.has(picture));
      if (left.length === 0) return [];
      const slots = pictureSlots(left, pace, fps);
      const unread = [...new Set(slots)].filter((picture) => !read.has(picture));
      if (unread.length === 0) return slots;
      for (const picture of unread) {
        this.#context.signal.throwIfAborted();
        const fault = await pictureFault(picture.path);
        if (fault === undefined) read.add(picture);
        else {
          faulty.add(picture);
          this.#unreadable.add(picture.path, fault);
        }
      }
    }
  }

  /** Each by itself, with the label's clock of its own, then joined. */
  async ofVideos(videos: readonly TimelapseVideo[]): Promise<TimelapseReport> {
    const totalMs = videos.reduce((sum, video) => sum + lengthMs(video), 0);
    const speed = speedOf(this.#order.pace, totalMs);
    const segments: WholeFile[] = [];
    try {
      let doneMs = 0;
      for (const [i, video] of videos.entries()) {
        const share = [doneMs / totalMs, (doneMs + lengthMs(video)) / totalMs] as const;
        const segment = new WholeFile(`${this.#order.out}.${i + 1}`, 'write');
        if (await this.#speedUp(video, segment, speed, share)) segments.push(segment);
        else await segment.discard();
        doneMs += lengthMs(video);
      }
      if (segments.length === 0) throw this.#nothingLeft();
      const list = await this.#note('videos.txt', videoList(segments.map(({ partial }) => partial)));
      await this.#run(joinArguments(list, this.#file.partial, this.#order.tags), totalMs / speed, [1, 1]);
      return await this.#finish(segments.length);
    } finally {
      await Promise.all(segments.map((segment) => segment.discard()));
    }
  }

  /** False, and noted, when it cannot be read. */
  async #speedUp(
    { path, facts, startMs, keyFramesMs }: TimelapseVideo,
    segment: WholeFile,
    speed: number,
    share: readonly [number, number],
  ): Promise<boolean> {
    const keyFramesOnly = (speed * 1000) / this.#order.fps >= keyFramesMs;
    const input = { path, video: facts.video.index, keyFramesOnly };
    try {
      const look = await this.#look(videoClock(startMs));
      const args = videoTimelapseArguments(input, segment.partial, speed, look);
      await this.#run(args, (facts.video.durationUs ?? 0) / 1000 / speed, share);
      if ((await finishClip(segment, undefined)) !== undefined) return true;
      this.#unreadable.add(path, 'ffmpeg finds no picture in it');
    } catch (thrown) {
      await segment.discard();
      const failure = asCamboxError(thrown, 'read', path);
      if (failure.code !== 'child_failed') throw failure;
      this.#unreadable.add(path, failure.message);
    }
    return false;
  }

  async #look(clock: string): Promise<TimelapseLook> {
    return { ...this.#order, label: await this.#label(clock) };
  }

  async #label(clock: string): Promise<BurntLabel | undefined> {
    const { label } = this.#order;
    if (label === undefined) return undefined;
    return { textFile: await this.#note('label.txt', labelText(label.wish, clock)), font: label.font };
  }

  async #note(name: string, text: string): Promise<string> {
    const path = join(this.#notes, name);
    await writeFile(path, text);
    return path;
  }

  async #run(args: readonly string[], outputMs: number, [from, to]: readonly [number, number]): Promise<void> {
    const progress = (share: number): void => this.#context.progress(from + share * (to - from));
    const context: JobContext = { ...this.#context, progress };
    const run = { kind: 'timelapse', title: `timelapse ${this.#order.out}`, program: this.#deps.ffmpeg } as const;
    this.#uses.push(await runFfmpegJob({ ...run, args, outputMs: Math.max(1, outputMs) }, context, this.#deps));
  }

  /** `wanted`: how many pictures it shows; undefined when nobody knows. */
  async #finish(used: number, wanted?: number): Promise<TimelapseReport> {
    const shown = await finishClip(this.#file, undefined);
    if (shown === undefined) throw this.#nothingLeft();
    if (wanted !== undefined && shown.frames !== wanted) throw this.#incomplete(shown.frames, wanted);
    const bytes = await this.#file.publish();
    const cpuMs = this.#uses.map((use) => use.cpuMs);
    const resident = this.#uses.flatMap(({ residentBytes }) => residentBytes ?? []);
    return {
      path: this.#order.out,
      frames: shown.frames,
      duration_ms: shown.durationMs,
      ...this.#order.size,
      used,
      ...this.#unreadable.toJSON(),
      bytes,
      ...(cpuMs.includes(undefined) ? {} : { cpu_ms: cpuMs.reduce<number>((sum, ms) => sum + (ms ?? 0), 0) }),
      ...(resident.length > 0 && { peak_memory_bytes: Math.max(...resident) }),
    };
  }

  #incomplete(frames: number, wanted: number): CamboxError {
    const words = this.#uses.at(-1)?.damage;
    return new CamboxError('child_failed', {
      verb: 'make',
      thing: this.#order.out,
      reason: `${this.#deps.ffmpeg} made ${frames} frames of ${wanted} pictures${words ? `: ${words}` : ''}`,
      remedy: 'Leave out the pictures that it cannot decode: ffmpeg -v error -i PICTURE -f null -',
    });
  }

  #nothingLeft(): CamboxError {
    return new CamboxError('bad_input', {
      verb: 'make',
      thing: this.#order.out,
      reason: `nothing of what it is made of can be read: ${this.#unreadable.first ?? 'there are no pictures'}`,
    });
  }
}

const lengthMs = ({ facts }: TimelapseVideo): number => (facts.video.durationUs ?? 0) / 1000;

export const USUAL_SPEED = 60;

function speedOf(pace: Pace, totalMs: number): number {
  if (pace === 'each') return USUAL_SPEED;
  return 'speed' in pace ? pace.speed : totalMs / 1000 / pace.durationS;
}
