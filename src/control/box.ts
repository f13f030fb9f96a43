import type { CameraState, CameraWarning } from '../base/camera-state.ts';
import type { ClipPage, ClipQuery } from '../catalog/clips/clip-page.ts';
import type { ClipRecord } from '../catalog/clips/clip-record.ts';
import type { ClipChange } from '../catalog/clips/clip-table.ts';
import type { MadePage, MadeQuery } from '../catalog/clips/made-table.ts';
import type { ClipDetails, TriggerRecord } from '../catalog/clips/trigger-record.ts';
import type { TriggerPage, TriggerQuery } from '../catalog/clips/trigger-table.ts';
import type { TelemetryAnswer, TelemetryQuery } from '../catalog/telemetry/telemetry-query.ts';
import type { JobSpec } from '../jobs/job.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import type { JobKind } from '../jobs/workload.ts';
import type { ClipRequest, RecordingClip } from '../record/clip/clip.ts';
import type { CutReport, CutRequest } from '../record/cut/cut-report.ts';
import type { ExportReport, ExportRequest } from '../record/export/export-report.ts';
import type { TimelapseReport } from '../record/timelapse/timelapse-order.ts';
import type { TimelapseRequest } from '../record/timelapse/timelapse-request.ts';
import type { RtpTarget } from '../stream/rtp-target.ts';

/**
 * What commands can do with the box. Implemented in app/; commands and doors know only these ports. Every method that
 * cannot do what it is asked throws a CamboxError with one of the codes of docs/mqtt.md.
 */
export interface Box {
  readonly id: string;
  readonly version: string;
  /** Throws `not_found`, naming the cameras there are. */
  camera(id: string): CameraControl;
  cameras(): readonly CameraControl[];
  /** What is done with ffmpeg, and the way to have more of it done: see `runAsJob`. */
  readonly jobs: Pick<JobQueue, 'submit' | 'refusal' | 'cancel' | 'list' | 'follow'>;
  /** Jobs that are kept, also when they are over. */
  readonly pastJobs: JobHistory;
  /** The clips that are over. */
  readonly archive: ClipControl;
  readonly editor: ClipEditor;
  /** How the box was. */
  readonly telemetry: TelemetryControl;
  /** The health report as it goes over MQTT (docs/mqtt.md). */
  health(): unknown;
}

export interface JobHistory {
  /** Undefined: there was none of this id, or it was forgotten. */
  get(job: string): JobRecord | undefined;
  /** Those that are over, the newest first; `before`: those accepted before this one. */
  finished(query: { readonly kind?: JobKind; readonly before?: string; readonly limit: number }): readonly JobRecord[];
}

/** The catalogue. All throw why there is none, when it could not be opened. */
export interface ClipControl {
  /** Newest first. Throws `bad_argument`. */
  find(query: ClipQuery): Promise<ClipPage>;
  /** Throws `not_found`, `conflict` while it is being recorded. */
  get(clip: string): ClipDetails;
  /** Resolves when it is on the disk. Throws `not_found`, `conflict` while it is being recorded. */
  change(clip: string, change: ClipChange): Promise<ClipRecord>;
  /**
   * Remove its file and forget it; also one that was made of clips. Throws `not_found`, `conflict` when it is protected or being
   * recorded, or a job reads it, `not_writable`.
   */
  delete(clip: string): Promise<{ readonly bytes: number }>;
  /** Write down who asked for a recording, and what became of it. Never throws, never waits. */
  noteTrigger(trigger: Omit<TriggerRecord, 'clock_synced'>): void;
  /** Newest first. Throws `bad_argument`. */
  triggers(query: TriggerQuery): TriggerPage;
  /** What was made of clips, newest first. Throws `bad_argument`. */
  made(query: MadeQuery): MadePage;
}

/** What can be made of stored clips: jobs, for `runAsJob`. */
export interface ClipEditor {
  /** Throws `not_found`, `bad_input`, `unsupported`, `missing_program`, `timed_out`. */
  cut(request: CutRequest): Promise<JobSpec<CutReport>>;
  /** Throws `not_found`, `bad_argument`, `bad_input`, `unsupported`, `missing_program`, `timed_out`. */
  timelapse(request: TimelapseRequest): Promise<JobSpec<TimelapseReport>>;
  /** Throws `not_found`, `bad_argument`, `unsupported` (the config names no place). */
  export(request: ExportRequest): Promise<JobSpec<ExportReport>>;
}

export interface TelemetryControl {
  /** Throws `bad_argument`, and why there is none. */
  query(query: TelemetryQuery): Promise<TelemetryAnswer>;
}

export interface CameraControl {
  readonly id: string;
  readonly state: CameraState;
  /** What is odd about its pictures while it streams. */
  readonly warnings: readonly CameraWarning[];
  /** What is known about the camera for `birth`, `cam/<id>/state` and `cambox status`: plain JSON. */
  describe(): Readonly<Record<string, unknown>>;
  /** The freshest frame as a JPEG that every viewer opens (with Huffman tables), with Exif that tells who took it when. Throws `device_lost`, `timed_out`. */
  snapshot(signal: AbortSignal): Promise<Uint8Array>;
  /**
   * Resolves when ffmpeg runs; the clip's time counts from the call. Throws `bad_argument`, `conflict`, `resource_limit`,
   * `missing_program`, `not_writable`, `device_lost`.
   */
  startClip(request: ClipRequest): Promise<RecordingClip>;
  clips(): readonly RecordingClip[];
  streams(): readonly StreamControl[];
  /** Start sending to a target. Throws `conflict` if that host and port is a target already, `network`. */
  startStream(target: Partial<RtpTarget> & Pick<RtpTarget, 'host' | 'port'>): Promise<StreamControl>;
}

/** One stream, as it is now: what it says changes with it. */
export interface StreamControl {
  /** `host:port` (IPv6 in brackets), unique per camera. */
  readonly id: string;
  readonly ssrc: number;
  /** Describes it to a receiver, without the key of an encrypted one; empty before `begun`. */
  readonly sdp: string;
  /** Resolves when its first frame has been sent, or when it ends without any. */
  readonly begun: Promise<void>;
  /** Plain JSON: frames, packets, octets, send_errors, refused by reason. */
  report(): Readonly<Record<string, unknown>>;
  /** Send elsewhere from the next frame on; SSRC and sequence go on. */
  retarget(host: string, port: number): Promise<void>;
  stop(): Promise<void>;
}
