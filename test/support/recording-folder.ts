import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClipArchive } from '../../src/record/archive/clip-archive.ts';
import { type Progress, Reconciliation } from '../../src/record/archive/reconcile.ts';
import { LogCollector } from './log-collector.ts';
import { cameraPictures } from './mjpeg-pictures.ts';
import { clipRequest, RecorderRig } from './recorder-rig.ts';

export const FRAMES = 20;

/** A recording folder of its own, with clips made by the real recorder. Dispose to remove it. */
export class RecordingFolder implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'cambox-folder-'));
  readonly logs = new LogCollector();

  path(file: string): string {
    return join(this.dir, file);
  }

  /** Records clips of 20 frames each; their files are in place, the catalogue knows nothing of them. */
  async record(...ids: readonly string[]): Promise<void> {
    await using rig = new RecorderRig(cameraPictures(4), { dir: this.dir });
    for (const id of ids) {
      const clip = await rig.recorder.start(clipRequest(id, { preMs: 0, label: `label of ${id}`, class: 'patrol' }));
      await rig.pushMany(rig.clock.now(), FRAMES);
      clip.stop('stopped');
      await clip.finished;
    }
  }

  /** As if the power had gone while a clip was recorded: under its partial name, without its outcome, cut off at `bytes`. */
  tear(id: string, bytes?: number): void {
    const path = this.path(`${id}.mp4`);
    const content = readFileSync(path);
    const outcome = content.indexOf(`{"clip":"${id}","camera"`);
    content.fill(0x20, outcome, content.indexOf(0, outcome));
    writeFileSync(path, content.subarray(0, bytes));
    renameSync(path, `${path}.partial`);
  }

  open(): Promise<ClipArchive> {
    return ClipArchive.open({ dir: this.dir, logger: this.logs, nowMs: 1 });
  }

  /** What a start does. */
  async reconcile(archive: ClipArchive, recording: readonly string[] = []): Promise<Progress> {
    const planned = await Reconciliation.plan(archive, {
      ...{ ffprobe: 'ffprobe', bootId: 'another-boot', logger: this.logs, signal: new AbortController().signal },
      isRecording: (clip) => recording.includes(clip),
    });
    await planned.run();
    return planned.progress;
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
