import type { CameraState, CameraWarning } from '../../src/base/camera-state.ts';
import { CamboxError } from '../../src/base/errors.ts';
import type {
  Box,
  CameraControl,
  ClipEditor,
  JobHistory,
  StreamControl,
  TelemetryControl,
} from '../../src/control/box.ts';
import type { ClipEnd, ClipRequest, ClipResult, RecordingClip, WholeClipResult } from '../../src/record/clip/clip.ts';
import { WholeClip } from '../../src/record/clip/whole-clip.ts';
import type { RtpTarget } from '../../src/stream/rtp-target.ts';
import { FakeArchive } from './fake-archive.ts';
import { QueueBench } from './jobs.ts';

/** A box without cameras, ffmpeg or network: what commands ask of it is kept, what it answers is set by the test. */
export class FakeBox implements Box {
  readonly version = '0.0.0-test';
  readonly fakeCameras: readonly FakeCamera[];
  /** A real queue, with the clock of its own bench. */
  readonly bench = new QueueBench();
  /** The test says what it knows. */
  pastJobs: JobHistory = { get: () => undefined, finished: () => [] };
  readonly archive = new FakeArchive();
  /** The test says what it does. */
  editor: ClipEditor = {
    cut: () => Promise.reject(new Error('no test has said how')),
    timelapse: () => Promise.reject(new Error('no test has said how')),
    export: () => Promise.reject(new Error('no test has said how')),
  };
  /** The test says what it does. */
  telemetry: TelemetryControl = { query: () => Promise.reject(new Error('no test has said how')) };
  healthReport: unknown = { status: 'ok' };
  readonly id: string;

  constructor(id = 'box-a', cameras: readonly string[] = ['front']) {
    this.id = id;
    this.fakeCameras = cameras.map((camera) => new FakeCamera(camera));
  }

  /** The first camera. */
  get front(): FakeCamera {
    return this.fakeCameras[0]!;
  }

  camera(id: string): FakeCamera {
    const found = this.fakeCameras.find((camera) => camera.id === id);
    if (found !== undefined) return found;
    const there = this.fakeCameras.map((camera) => camera.id).join(', ');
    throw new CamboxError('not_found', { verb: 'find', thing: 'camera', reason: `there are: ${there}`, received: id });
  }

  cameras(): readonly FakeCamera[] {
    return this.fakeCameras;
  }

  get jobs(): QueueBench['queue'] {
    return this.bench.queue;
  }

  health(): unknown {
    return this.healthReport;
  }
}

export class FakeCamera implements CameraControl {
  readonly id: string;
  state: CameraState = 'streaming';
  warnings: readonly CameraWarning[] = [];
  /** What `snapshot` does. */
  takeSnapshot: (signal: AbortSignal) => Promise<Uint8Array> = async () => TINY_JPEG;
  readonly started: FakeClip[] = [];
  readonly fakeStreams: FakeStream[] = [];
  /** When the first frame of a new stream is sent. */
  streamBegins = Promise.resolve();

  constructor(id: string) {
    this.id = id;
  }

  describe(): Readonly<Record<string, unknown>> {
    return { source: 'fake', width: 16, height: 8, fps: 30 };
  }

  snapshot(signal: AbortSignal): Promise<Uint8Array> {
    return this.takeSnapshot(signal);
  }

  async startClip(request: ClipRequest): Promise<FakeClip> {
    const clip = new FakeClip(this.id, request);
    this.started.push(clip);
    return clip;
  }

  /** A clip's encoder fails: it ends, and another clip goes on. */
  breakOff(clip: FakeClip): FakeClip {
    const next = new FakeClip(this.id, { ...clip.request, id: `${clip.id}-2` }, clip);
    this.started.push(next);
    clip.next = next;
    clip.end({ state: 'interrupted', end: 'ffmpeg_failed', continued_by: next.id });
    return next;
  }

  clips(): readonly RecordingClip[] {
    return this.started.filter((clip) => !clip.ended);
  }

  streams(): readonly StreamControl[] {
    return this.fakeStreams;
  }

  async startStream(target: Partial<RtpTarget> & Pick<RtpTarget, 'host' | 'port'>): Promise<StreamControl> {
    const stream = new FakeStream(target, this.streamBegins, () =>
      this.fakeStreams.splice(this.fakeStreams.indexOf(stream), 1),
    );
    this.fakeStreams.push(stream);
    return stream;
  }
}

/** A clip that ends when it is stopped, or when the test says how. */
export class FakeClip implements RecordingClip {
  readonly id: string;
  readonly camera: string;
  readonly request: ClipRequest;
  readonly #before: FakeClip | undefined;
  readonly #whole: WholeClip;
  next: RecordingClip | undefined;
  readonly frames = 3;
  readonly finished: Promise<ClipResult>;
  ended = false;
  #settle: (result: ClipResult) => void = () => undefined;

  constructor(camera: string, request: ClipRequest, before?: FakeClip) {
    this.id = request.id;
    this.#before = before;
    this.camera = camera;
    this.request = request;
    this.finished = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#whole = before === undefined ? new WholeClip() : before.#whole;
    this.#whole.add(this.finished);
  }

  async whole(): Promise<WholeClipResult> {
    return (await this.#whole.result()) ?? (await this.finished);
  }

  answersTo(id: string): boolean {
    return id === this.id || this.#before?.answersTo(id) === true;
  }

  stop(end: ClipEnd): void {
    this.end({ end, state: end === 'shutdown' ? 'interrupted' : 'ready' });
  }

  end(parts: Partial<ClipResult>): void {
    this.ended = true;
    const { label, preMs, encoder } = this.request;
    this.#settle({
      clip: this.id,
      camera: this.camera,
      ...(label === undefined ? {} : { label }),
      state: 'ready',
      end: 'duration',
      path: `/clips/${this.id}.mp4`,
      encoder: encoder === undefined || encoder === 'auto' ? 'copy' : encoder,
      frames: 90,
      duration_ms: 3000,
      pre_roll_asked_ms: preMs,
      pre_roll_got_ms: preMs,
      gaps: [],
      bytes: 12345,
      started_at: '2025-01-02T03:04:05.000Z',
      ...parts,
    });
  }
}

export class FakeStream implements StreamControl {
  readonly target: Partial<RtpTarget>;
  readonly ssrc = 0x11223344;
  readonly sdp = 'v=0\r\n';
  readonly begun: Promise<void>;
  readonly #onStop: () => void;
  id: string;

  constructor(target: Partial<RtpTarget> & Pick<RtpTarget, 'host' | 'port'>, begun: Promise<void>, onStop: () => void) {
    this.target = target;
    this.begun = begun;
    this.#onStop = onStop;
    this.id = `${target.host}:${target.port}`;
  }

  report(): Readonly<Record<string, unknown>> {
    return { packets: 7 };
  }

  async retarget(host: string, port: number): Promise<void> {
    this.id = `${host}:${port}`;
  }

  async stop(): Promise<void> {
    this.#onStop();
  }
}

/** SOI, one quantisation table, SOF0 16x8 grey, SOS, one byte of scan, EOI: enough for the marker walk. */
const TINY_JPEG = Uint8Array.from([
  0xff,
  0xd8,
  0xff,
  0xdb,
  0x00,
  0x43,
  0x00,
  ...new Array<number>(64).fill(1),
  0xff,
  0xc0,
  0x00,
  0x0b,
  0x08,
  0x00,
  0x08,
  0x00,
  0x10,
  0x01,
  0x01,
  0x11,
  0x00,
  0xff,
  0xda,
  0x00,
  0x08,
  0x01,
  0x01,
  0x00,
  0x00,
  0x3f,
  0x00,
  0x2a,
  0xff,
  0xd9,
]);
