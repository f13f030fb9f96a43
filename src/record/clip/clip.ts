import type { EncoderName, EncoderWish } from '../../base/encoder-names.ts';

/** What a clip is asked to be and what it became. Keys of `ClipResult` go over MQTT as they stand here. */

export interface ClipRequest {
  /** Unique, `[a-z0-9-]+`; names the file. */
  readonly id: string;
  readonly label: string | undefined;
  /** Which rule of age it has, `[a-z0-9-]{1,32}`; undefined: the common one. */
  readonly class?: string;
  /** How much of the past (pre-roll) the clip starts with, in milliseconds. */
  readonly preMs: number;
  /** How long after the trigger it ends; undefined = until stopped (or the maximum length). */
  readonly durationMs: number | undefined;
  /** Undefined: as the config says. */
  readonly encoder: EncoderWish | undefined;
  /** How long it goes on after it is stopped, in milliseconds. Default 0. */
  readonly postMs?: number;
  /** Make a clip of the same label and class that is under way last as long as this one would, instead of starting another. */
  readonly extend?: boolean;
}

/** Why a clip ended the way it did. */
export type ClipEnd =
  | 'duration'
  | 'stopped'
  | 'max_length'
  | 'shutdown'
  | 'camera_lost'
  | 'ffmpeg_failed'
  /** ffmpeg was killed: over its memory cap, or no memory was left. */
  | 'out_of_memory'
  | 'disk_failed'
  /** Ended early, as there was no room left for more. */
  | 'disk_full'
  | 'no_frames'
  /** The machine or the service went while it was recorded; finished at the next start. */
  | 'power_cut'
  | 'crashed';

export interface ClipGap {
  /** Position in the clip and length, in milliseconds. */
  readonly at_ms: number;
  readonly lost_ms: number;
  readonly frames: number;
  /** `source`: pictures the camera or driver lost; `queue`: frames dropped because ffmpeg was too slow, or could not be begun yet (at 0 ms). */
  readonly where: 'source' | 'queue';
}

/** What the ffmpeg of a clip needed. */
export interface ClipMemory {
  /** How it was kept within its cap, and so how this was measured. */
  readonly by: 'cgroup' | 'rss_poll';
  readonly cap_bytes: number;
  /** The most it had; by `cgroup` with the pages of its file, which the kernel takes back when the cap is near. */
  readonly peak_bytes: number;
  /** The most of that which could not be taken back, as far as it was seen. */
  readonly held_bytes: number;
  readonly cpu_ms?: number;
}

export interface ClipResult {
  readonly clip: string;
  readonly camera: string;
  readonly label?: string;
  readonly class?: string;
  /** `ready`: whole and renamed into place; `interrupted`: shorter than asked but it plays; `failed`: no file. */
  readonly state: 'ready' | 'interrupted' | 'failed';
  readonly end: ClipEnd;
  readonly path: string | null;
  readonly encoder: EncoderName;
  /** Why not the one that was asked for, or that usually goes before it. */
  readonly encoder_reason?: string;
  /** The clip that goes on where this one broke off, and the one that this one goes on from. */
  readonly continued_by?: string;
  readonly continues?: string;
  /** How often it was triggered again while it ran, which made it longer. */
  readonly extended?: number;
  readonly frames: number;
  readonly duration_ms: number;
  readonly pre_roll_asked_ms: number;
  readonly pre_roll_got_ms: number;
  readonly gaps: readonly ClipGap[];
  readonly bytes: number;
  /** Wall-clock label of the first frame, ISO 8601. */
  readonly started_at: string;
  /** What a power cut or a crash took from its end, at most, if the machine had kept its rhythm until then. */
  readonly lost_at_most_ms?: number;
  readonly memory?: ClipMemory;
  /** What went wrong, for people: ffmpeg's last words or the system's error. */
  readonly detail?: string;
}

/** One file of a clip that has several. */
export type ClipPart = Pick<
  ClipResult,
  'clip' | 'path' | 'state' | 'end' | 'encoder' | 'started_at' | 'frames' | 'duration_ms' | 'bytes'
>;

/**
 * What became of a clip with all its files: begun as the first one (whose `clip` and `path` it has) and ended as the last;
 * frames, durations, bytes, gaps and `extended` are those of all, `detail` the last one that was told. What each ffmpeg needed
 * is told of each file alone.
 */
export interface WholeClipResult extends ClipResult {
  /** Where there is more than one: how many, and the newest of them (32 at the most). */
  readonly file_count?: number;
  readonly files?: readonly ClipPart[];
}

/** A clip under way. */
export interface RecordingClip {
  readonly id: string;
  readonly camera: string;
  /** Whether this is its id, or that of a clip that it goes on from. */
  answersTo(id: string): boolean;
  /** Frames handed to ffmpeg so far. */
  readonly frames: number;
  /** The clip that goes on from here: its encoder failed, or its file is long enough. Known once it is over. */
  readonly next: RecordingClip | undefined;
  /** Settles once, when the file is in place or given up; never rejects. */
  readonly finished: Promise<ClipResult>;
  /** What became of it with the files before and after this one, when the last is over; never rejects. */
  whole(): Promise<WholeClipResult>;
  /**
   * End it gracefully: as `stopped` after its post-roll (at once when told a second time), else now. Idempotent.
   */
  stop(end: ClipEnd): void;
}
