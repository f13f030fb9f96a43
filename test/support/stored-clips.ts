import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cameraPictures } from './mjpeg-pictures.ts';
import { clipRequest, RecorderRig } from './recorder-rig.ts';

/** A folder of its own with recorded clips `clip-0`, `clip-1` … of camera `front`, one second each. Dispose to remove it. */
export class StoredClips implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'cambox-clips-'));
  readonly dir = join(this.folder, 'clips');

  static async record(count: number): Promise<StoredClips> {
    const clips = new StoredClips();
    await using rig = new RecorderRig(cameraPictures(30), { dir: clips.dir });
    for (let i = 0; i < count; i++) {
      const clip = await rig.recorder.start(clipRequest(`clip-${i}`, { label: `label ${i}`, preMs: 0 }));
      await rig.pushMany(rig.clock.now(), 30);
      clip.stop('stopped');
      await clip.finished;
    }
    return clips;
  }

  path(id: string): string {
    return join(this.dir, `${id}.mp4`);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A pair of keys by the real age-keygen: the file that opens, and whom to seal for. */
export function ageKeys(folder: string): { readonly identity: string; readonly recipient: string } {
  const identity = join(folder, 'key.txt');
  execFileSync('age-keygen', ['-o', identity], { stdio: 'ignore' });
  return { identity, recipient: execFileSync('age-keygen', ['-y', identity], { encoding: 'utf8' }).trim() };
}

/** What the real age makes of a sealed file. */
export const ageDecrypt = (identity: string, sealedPath: string): Buffer =>
  execFileSync('age', ['-d', '-i', identity, sealedPath], { maxBuffer: 1 << 30, stdio: 'pipe' });
