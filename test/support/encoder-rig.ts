import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { Database } from '../../src/catalog/database.ts';
import { STATE_MIGRATIONS } from '../../src/catalog/state/state-migrations.ts';
import { EncoderDesk, type EncoderDeskOptions, type SurveyedEncoder } from '../../src/record/encoders/encoder-desk.ts';
import { DEVICE_ROOTS, type DeviceRoots } from '../../src/record/encoders/encoder-devices.ts';
import { DEFAULT_QUALITY, type EncodeJob } from '../../src/record/encoders/encoder-profile.ts';
import { PROBE_PICTURES, type ProbePictures } from '../../src/record/encoders/probe-stream.ts';
import { StoredVerdicts } from '../../src/record/encoders/stored-verdicts.ts';
import { PolledCaps } from '../../src/record/memory/polled-caps.ts';
import { roomyQueue } from './jobs.ts';
import { syntheticJpeg } from './jpegs.ts';
import { LogCollector } from './log-collector.ts';
import { cameraPictures } from './mjpeg-pictures.ts';
import { until } from './until.ts';

/** No machine has these. */
export const NO_DEVICES: DeviceRoots = { dev: '/nonexistent', sys: '/nonexistent' };

interface ProbeMaterial {
  readonly pictures: ProbePictures;
  readonly job: EncodeJob;
}

/** A camera's pictures of one size, and the job of encoding them. */
export const probeMaterial = (width: number, height: number): ProbeMaterial =>
  materialOf(width, height, cameraPictures(PROBE_PICTURES, `${width}x${height}`));

/** The same with a synthetic camera's: hard edges, which a cut of one pixel moves. */
export const syntheticMaterial = (width: number, height: number): ProbeMaterial =>
  materialOf(
    width,
    height,
    Array.from({ length: PROBE_PICTURES }, (_, number) => syntheticJpeg(width, height, number)),
  );

function materialOf(width: number, height: number, jpegs: readonly Uint8Array[]): ProbeMaterial {
  const size = { width, height };
  return { pictures: { size, jpegs }, job: { size, fps: 30, quality: DEFAULT_QUALITY, device: undefined } };
}

/** A desk with the real ffmpeg (unless another is named) and a state folder of its own. */
export class EncoderRig implements AsyncDisposable {
  readonly logs = new LogCollector();
  readonly folder = mkdtempSync(join(tmpdir(), 'cambox-encoders-'));
  readonly state = join(this.folder, 'state.db');
  readonly clock: Clock;
  #database: Database | undefined;
  readonly #desks: EncoderDesk[] = [];

  constructor(clock: Clock = SYSTEM_CLOCK) {
    this.clock = clock;
  }

  /** What probes have left behind. */
  get files(): string[] {
    return readdirSync(this.folder).filter((name) => !name.startsWith('state.db'));
  }

  /** A prepared desk; another one is as after a restart. */
  async desk(options: Partial<EncoderDeskOptions> = {}): Promise<EncoderDesk> {
    const { clock } = this;
    this.#database ??= await Database.open(this.state, { migrations: STATE_MIGRATIONS });
    const desk = new EncoderDesk(
      { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', folder: this.folder, roots: DEVICE_ROOTS, ...options },
      {
        store: new StoredVerdicts(this.#database),
        caps: new PolledCaps(clock),
        live: roomyQueue(clock).live,
        ...{ clock, logger: this.logs },
      },
    );
    this.#desks.push(desk);
    await desk.prepare();
    return desk;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const desk of this.#desks) await desk[Symbol.asyncDispose]();
    await this.#database?.[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What is found of one encoder; the others are left alone. */
export async function surveyOf(
  desk: EncoderDesk,
  encoder: string,
  { pictures, job }: ReturnType<typeof probeMaterial>,
): Promise<SurveyedEncoder> {
  for await (const found of desk.survey(job, pictures)) if (found.encoder === encoder) return found;
  throw new Error(`no encoder ${encoder} was surveyed`);
}

export const untilIdle = (desk: EncoderDesk): Promise<void> => until('the probe is over', () => desk.idle, 60_000);
