import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CAMERA, DaemonRig } from '../../support/daemon-rig.ts';

/** What `cambox status --json` says of the camera's encoder. */
async function encoderOf(rig: DaemonRig): Promise<{ encoder: string }> {
  const { stdout } = await rig.ask('status', '--json');
  return JSON.parse(stdout.toString()).cameras.front.record.encoder;
}

test('daemon probes encoders when its camera sends pictures, tells in status which one clips get, and remembers it', async () => {
  await using rig = new DaemonRig();
  const state = join(rig.folder, 'state');
  mkdirSync(state);
  const env = { STATE_DIRECTORY: `${state}:${join(state, 'clips')}` };
  const daemon = rig.start({ cameras: [CAMERA] }, env);
  const probed = await daemon.line('encoder_probed');
  assert.deepEqual([probed['encoder'], probed['size'], probed['works']], ['libx264', '320x240', true]);
  assert.deepEqual(await encoderOf(rig), { asked: 'auto', encoder: 'libx264' });
  daemon.signal('SIGTERM');
  await daemon.exit;

  const again = rig.start({ cameras: [CAMERA] }, env);
  await again.line('camera_streaming');
  // what is remembered is read in the background
  for (let i = 0; i < 20 && (await encoderOf(rig)).encoder === 'copy'; i++);
  assert.deepEqual(await encoderOf(rig), { asked: 'auto', encoder: 'libx264' });
  assert.deepEqual(
    again.log.filter(({ event }) => event === 'encoder_probed'),
    [],
  );
});

test('daemon probes nothing when clips are to be copied', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start({ cameras: [CAMERA], record: { dir: rig.clipsDir, encoder: 'copy' } });
  await daemon.line('ready');
  assert.deepEqual(await encoderOf(rig), { asked: 'copy', encoder: 'copy' });
});
