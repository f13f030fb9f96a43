import type { Clock } from '../base/clock.ts';
import type { CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { EncoderChoice } from '../capture/raw/encoder-choice.ts';
import { openM2mEncoder } from '../capture/raw/m2m/open-m2m-encoder.ts';
import type { Camera, Config } from '../config/config.ts';
import type { FrameArena } from '../frame/frame-arena.ts';
import type { ClipResult } from '../record/clip/clip.ts';
import type { ClipOrigin } from '../record/clip/clip-metadata.ts';
import type { EncoderAdvice } from '../record/encoders/encoder-advice.ts';
import { Recorder } from '../record/recorder.ts';
import { FrameFitter } from '../stream/fit/frame-fitter.ts';
import { openRtpStream } from '../stream/rtp-stream.ts';
import { CameraUnit } from './camera/camera-unit.ts';
import type { Hotplug } from './camera/hotplug.ts';
import { openSource } from './camera/open-source.ts';
import { type OpenFitter, type OpenStream, StreamSet } from './camera/stream-set.ts';
import type { Children } from './jobs/children.ts';
import { cameraStages } from './recovery/camera-stages.ts';

/** What a camera tells the rest of the box. */
export interface CameraEvents {
  onState(camera: CameraUnit): void;
  onWarnings(camera: CameraUnit): void;
  onStage(camera: CameraUnit): void;
  /** Told once of each clip, when its file is in place or given up. */
  onClip(result: ClipResult): void;
}

export interface CameraDeps {
  readonly arena: FrameArena;
  readonly children: Children;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: CameraEvents;
  readonly hotplug: Hotplug;
  /** Canonical name of this machine in RTCP. */
  readonly cname: string;
  /** systemd's $CREDENTIALS_DIRECTORY. */
  readonly credentialsDirectory: string | undefined;
  /** The groups of the config that concern every camera. */
  readonly record: Config['record'];
  /** Which box this is, in which boot: for the clips' files. */
  readonly origin: ClipOrigin;
  /** Why no clip may be started now, as far as the disk is concerned. */
  readonly noRoom: () => CamboxError | undefined;
  /** Which encoders work on this machine. */
  readonly encoders: EncoderAdvice;
  readonly recovery: Config['recovery'];
  /** Ask for a restart of the service. Returns why there will be none, or undefined. */
  readonly restartService: (reason: string) => Promise<string | undefined>;
  /** Whether a camera other than this one streams now. */
  readonly othersStream: (camera: string) => boolean;
}

const MEBIBYTE = 1024 * 1024;

/** One camera with its source, streams and recorder. Nothing runs yet. */
export function composeCamera(
  camera: Camera,
  {
    arena,
    children,
    clock,
    events,
    hotplug,
    record,
    encoders,
    origin,
    noRoom,
    recovery,
    cname,
    credentialsDirectory,
    ...deps
  }: CameraDeps,
): CameraUnit {
  const logger = deps.logger.child({ camera: camera.id });
  const openStream: OpenStream = (target, onFirstSent) =>
    openRtpStream(target, { clock, logger, random: Math.random, cname, credentialsDirectory, onFirstSent });
  const fit = { huffman: camera.rtp_huffman, restartMarkers: camera.rtp_restart_markers, place: 'auto' } as const;
  const openFitter: OpenFitter = (emit) => new FrameFitter(fit, emit, { arena, clock, logger });
  const streams = new StreamSet(camera.id, openStream, openFitter, { clock, logger });
  const recorder = new Recorder(
    camera.id,
    {
      dir: record.dir,
      encoding: {
        encoder: record.encoder,
        fps: camera.fps,
        quality: { crf: record.crf, bitrateKbps: record.bitrate_kbps ?? undefined },
      },
      ffmpeg: record.ffmpeg,
      ffprobe: record.ffprobe,
      preRollMs: camera.pre_roll_s * 1000,
      preRollBytes: camera.pre_roll_mb * MEBIBYTE,
      maxClipMs: record.max_clip_s * 1000,
      maxClips: record.max_clips,
      width: camera.width,
      height: camera.height,
    },
    {
      ...{ clock, logger: deps.logger, encoders, origin, noRoom },
      live: children.queue.live,
      caps: children.caps,
      onClip: (result) => events.onClip(result),
    },
  );
  const { source, width, height, fps, format, controls } = camera;
  const raw = { quality: camera.jpeg_quality, range: camera.raw_range, encoder: camera.jpeg_encoder };
  const jpegEncoders = new EncoderChoice(openM2mEncoder);
  return new CameraUnit(camera, {
    openSource: () =>
      openSource(
        { source, width, height, fps, format, raw, controls, loop: true },
        { arena, clock, logger, jpegEncoders },
      ),
    stages: cameraStages(camera, {
      clock,
      usbResetSocket: recovery.usb_reset_socket,
      restartService: deps.restartService,
      othersStream: () => deps.othersStream(camera.id),
    }),
    streams,
    recorder,
    reserve: arena.addReserve(recorder.ring),
    box: origin.box,
    position: () => undefined, // nothing of ours knows yet
    hotplug,
    clock,
    logger,
    onState: (unit) => events.onState(unit),
    onWarnings: (unit) => events.onWarnings(unit),
    onStage: (unit) => events.onStage(unit),
  });
}
