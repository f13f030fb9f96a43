import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CAMERA, DaemonRig } from '../../support/daemon-rig.ts';

/** Tells its version, and takes no picture. */
const HANGING_FFMPEG = '#!/bin/sh\ncase "$*" in *-version*) exec ffmpeg "$@" ;; esac\nexec sleep 60\n';

interface Status {
  readonly health: { readonly checks: readonly { readonly code?: string }[] };
  readonly cameras: { readonly front: { readonly record: { readonly pre_roll: PreRoll } } };
}

interface PreRoll {
  readonly evicted: { readonly memory?: number };
}

const statusOf = async (rig: DaemonRig): Promise<Status> =>
  JSON.parse((await rig.ask('status', '--json')).stdout.toString()) as Status;

test('pre-roll gives way where a clip that hangs holds the frame memory, and health tells when that is not enough', async () => {
  await using rig = new DaemonRig();
  const ffmpeg = join(rig.folder, 'ffmpeg');
  writeFileSync(ffmpeg, HANGING_FFMPEG, { mode: 0o755 });
  const front = { ...CAMERA, source: 'synthetic:1920x1080', fps: 60, pre_roll_mb: 6 };
  const record = { dir: rig.clipsDir, ffmpeg, encoder: 'copy' };
  const daemon = rig.start({ cameras: [front], frames: { memory_mb: 8 }, record });
  await daemon.line('ready');
  const clip = rig.ask('clip', 'start', 'front');
  await daemon.line('clip_started');
  await daemon.line('alarm_raised', { type: 'frame_memory_full' }, 40_000);
  const { health, cameras } = await statusOf(rig);
  assert.ok(health.checks.some(({ code }) => code === 'frame_memory_full'));
  assert.ok((cameras.front.record.pre_roll.evicted.memory ?? 0) > 0);
  await daemon.stop();
  await clip;
});
