import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { decodedFrames, frameTimesUs } from '../../support/recorder-rig.ts';
import { until } from '../../support/until.ts';

const RECORDER = join(import.meta.dirname, '../../support/recorder-process.ts');

test('a playable partial file stays, and no ffmpeg, when the daemon is killed while it records', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'cambox-crash-'));
  const daemon = spawn(process.execPath, [RECORDER, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(daemon.stdout), 'line')) as [string];
  const { ffmpeg, frames } = JSON.parse(line) as { ffmpeg: number; frames: number };
  daemon.kill('SIGKILL');

  await until('ffmpeg is gone', () => !isAlive(ffmpeg));
  assert.deepEqual(readdirSync(dir), ['crash.mp4.partial']);
  const path = join(dir, 'crash.mp4.partial');
  // The end of its input is a graceful end for ffmpeg: not even the last fragment is missing.
  assert.equal(frameTimesUs(path).length, frames);
  assert.equal(decodedFrames(path), frames);
  rmSync(dir, { recursive: true });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
