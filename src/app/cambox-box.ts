import { CamboxError } from '../base/errors.ts';
import type { Camera } from '../config/config.ts';
import type { Box, ClipControl, ClipEditor, JobHistory, TelemetryControl } from '../control/box.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { CameraUnit } from './camera/camera-unit.ts';

/** What commands use of the box beside its cameras. */
export interface BoxParts {
  readonly jobs: JobQueue;
  readonly pastJobs: JobHistory;
  readonly archive: ClipControl;
  readonly editor: ClipEditor;
  readonly telemetry: TelemetryControl;
}

/** The box as commands see it: its cameras, which come and go with the config. */
export class CamboxBox implements Box, AsyncDisposable {
  readonly id: string;
  readonly version: string;
  readonly jobs: JobQueue;
  readonly pastJobs: JobHistory;
  readonly archive: ClipControl;
  readonly editor: ClipEditor;
  readonly telemetry: TelemetryControl;
  readonly #makeCamera: (config: Camera) => CameraUnit;
  readonly #makeHealth: (cameras: readonly CameraUnit[]) => unknown;
  readonly #cameras = new Map<string, CameraUnit>();

  constructor(
    about: { readonly id: string; readonly version: string },
    { jobs, pastJobs, archive, editor, telemetry }: BoxParts,
    makeCamera: (config: Camera) => CameraUnit,
    makeHealth: (cameras: readonly CameraUnit[]) => unknown,
  ) {
    this.id = about.id;
    this.version = about.version;
    this.jobs = jobs;
    this.pastJobs = pastJobs;
    this.archive = archive;
    this.editor = editor;
    this.telemetry = telemetry;
    this.#makeCamera = makeCamera;
    this.#makeHealth = makeHealth;
  }

  camera(id: string): CameraUnit {
    const camera = this.#cameras.get(id);
    if (camera !== undefined) return camera;
    const known = [...this.#cameras.keys()];
    throw new CamboxError('not_found', {
      verb: 'find',
      thing: 'the camera',
      reason: known.length === 0 ? 'the config has no camera' : `the config has only: ${known.join(', ')}`,
      received: id,
    });
  }

  cameras(): readonly CameraUnit[] {
    return [...this.#cameras.values()];
  }

  health(): unknown {
    return this.#makeHealth(this.cameras());
  }

  startCamera(config: Camera): void {
    const camera = this.#makeCamera(config);
    this.#cameras.set(config.id, camera);
    camera.start();
  }

  /** Clips are finalised and the device is free when this resolves. */
  async stopCamera(id: string): Promise<void> {
    const camera = this.#cameras.get(id);
    await camera?.[Symbol.asyncDispose]();
    this.#cameras.delete(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#cameras.keys()].map((id) => this.stopCamera(id)));
  }
}
