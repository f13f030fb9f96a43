/**
 * What ffmpeg children are run for. In this order they get memory and processor time: a `live` recording never waits (see
 * `JobQueue.admitLive`); the others are queued, and one kind goes before the next as long as it has anything to run.
 */
export const JOB_KINDS = ['live', 'cut', 'export', 'timelapse'] as const;
export type JobKind = (typeof JOB_KINDS)[number];
export type QueuedKind = Exclude<JobKind, 'live'>;
export const QUEUED_KINDS = ['cut', 'export', 'timelapse'] as const satisfies readonly QueuedKind[];

/** What the appetite of a child depends on. Children of equal workloads are expected to need the same. */
export interface Workload<Kind extends JobKind = JobKind> {
  readonly kind: Kind;
  /** As ffmpeg names it; `copy` when nothing is encoded. */
  readonly encoder: string;
  /** Of the pictures, in pixels. */
  readonly width: number;
  readonly height: number;
  /** The `-threads` of decoder and encoder. */
  readonly threads: number;
}

/** `live/libx264/1280x720/1`: what costs are learned by. */
export const workloadName = ({ kind, encoder, width, height, threads }: Workload): string =>
  `${kind}/${encoder}/${width}x${height}/${threads}`;

/** What a job takes of the budget while it runs. */
export interface Demand {
  readonly memoryBytes: number;
  /** In processor cores; 0.5 is half of one. */
  readonly cpu: number;
}
