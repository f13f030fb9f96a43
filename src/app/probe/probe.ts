import type { Clock } from '../../base/clock.ts';
import { asCamboxError, type CamboxError } from '../../base/errors.ts';
import { secondsFromUs } from '../../base/units.ts';
import type { FrameSource, SourceAbout, SourceCounts } from '../../capture/frame-source.ts';
import type { BufferTap } from '../../capture/v4l2/tapped-stream.ts';
import type { Frame } from '../../frame/frame.ts';
import { type BufferFigures, BufferSurvey } from './buffer-survey.ts';
import { Pace, type PaceFigures } from './pace.ts';
import { type PictureFigures, PictureSurvey } from './picture-survey.ts';
import { SampleCheck, type SampleFigures } from './sample-check.ts';

export interface ProbeResult {
  readonly about: SourceAbout;
  readonly seconds: number;
  /** Undefined for a file: it has no pace of its own. */
  readonly pace: PaceFigures | undefined;
  /** Pictures a second: measured; of a file, what it is meant to be played at. */
  readonly rate: number | undefined;
  readonly pictures: PictureFigures;
  /** Of cameras. */
  readonly buffers: BufferFigures | undefined;
  readonly counts: SourceCounts;
  readonly samples: SampleFigures;
  /** Why the source ended before its time. */
  readonly error: CamboxError | undefined;
}

export interface ProbeLimits {
  readonly forMs: number;
  /** The rate at which a file is meant to be played. */
  readonly nominalFps: number;
}

export interface ProbeDeps {
  readonly clock: Clock;
  /** [0, 1): which pictures are looked into. */
  readonly random: () => number;
  /** Ends it before its time; what was seen until then is the result. */
  readonly signal: AbortSignal;
  /** `tap` has to see every buffer of a camera. */
  openSource(tap: BufferTap): Promise<FrameSource>;
}

/**
 * Look at a source for some seconds: its pace, its pictures, and what RTP will make of them. Throws what opening it
 * throws; a source that breaks later ends the probe, which tells so.
 */
export async function probeSource(
  { forMs, nominalFps }: ProbeLimits,
  { clock, random, signal, openSource }: ProbeDeps,
): Promise<ProbeResult> {
  const buffers = new BufferSurvey();
  const pictures = new PictureSurvey();
  const samples = new SampleCheck(random);
  await using source = await openSource(buffers.tap);
  const { about, counts } = source;
  const pace = new Pace(about.kind === 'v4l2' ? 'capture' : 'arrival');
  const enough = new AbortController();
  const cancel = clock.after(forMs, () => enough.abort());
  const startedAt = clock.now();
  const look = (frame: Frame): void => {
    pace.add(frame, clock.now());
    pictures.add(frame);
    samples.offer(frame.bytes, frame.jpeg);
  };
  const error = await read(source, AbortSignal.any([signal, enough.signal]), look);
  cancel();
  const isFile = about.kind === 'replay';
  return {
    about,
    seconds: secondsFromUs(clock.now() - startedAt),
    pace: isFile ? undefined : pace.figures(),
    rate: isFile ? nominalFps : pace.figures().rate,
    pictures: pictures.figures(),
    buffers: about.kind === 'v4l2' ? buffers.figures() : undefined,
    counts,
    samples: samples.run(clock),
    error,
  };
}

async function read(
  source: FrameSource,
  signal: AbortSignal,
  look: (frame: Frame) => void,
): Promise<CamboxError | undefined> {
  try {
    for await (const frame of source.frames(signal)) {
      using _ = frame;
      look(frame);
    }
    return undefined;
  } catch (thrown) {
    return asCamboxError(thrown, 'read', source.about.source);
  }
}
