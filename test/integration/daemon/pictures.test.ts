import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CAMERA, DaemonRig } from '../../support/daemon-rig.ts';
import { FleetConsole } from '../../support/fleet-console.ts';
import { ffmpegColor, syntheticJpeg } from '../../support/jpegs.ts';
import { startMosquitto } from '../../support/mosquitto.ts';

const SOON = { frozen_after_s: 1, dark_after_s: 1 };

test('a camera that gives one black picture streams on, and console and health are told what is odd', async () => {
  await using broker = await startMosquitto();
  await using operator = new FleetConsole(broker.port, 'cambox');
  await using rig = new DaemonRig();
  const source = join(rig.folder, 'black.mjpeg');
  writeFileSync(source, ffmpegColor('black', 0));
  const daemon = rig.start({ cameras: [{ ...CAMERA, ...SOON, source }], mqtt: { url: broker.url } });
  await daemon.line('camera_pictures_odd');
  const warned = await operator.message('both warnings', ({ topic, payload }) => {
    const { warnings } = payload as { readonly warnings?: readonly string[] };
    return topic === 'event/camera.warning' && warnings?.join() === 'frozen,dark';
  });
  assert.equal((warned.payload as { camera: string }).camera, 'front');
  const { stdout, code } = await rig.ask('status', '--json');
  const { health, cameras } = JSON.parse(stdout.toString());
  assert.equal(code, 1);
  assert.deepEqual([cameras.front.state, cameras.front.warnings], ['streaming', ['frozen', 'dark']]);
  const { status, hint } = health.checks.find(({ code: of }: { code?: string }) => of === 'camera_frozen');
  assert.equal(status, 'warn');
  assert.match(hint, /replug/);
  assert.match((await rig.ask('status')).stdout.toString(), /front {2}streaming, frozen, dark/);
});

test('a frozen camera is recovered where the config says so, stage by stage, and the daemon lives', async () => {
  await using rig = new DaemonRig();
  const source = join(rig.folder, 'still.mjpeg');
  writeFileSync(source, syntheticJpeg(320, 240, 1));
  const daemon = rig.start({ cameras: [{ ...CAMERA, ...SOON, frozen_recover: true, source }] });
  for (const attempt of [1, 2, 3]) {
    const { code } = await daemon.line('camera_recovery', { stage: 'reopen', attempt });
    assert.equal(code, 'pictures_frozen');
  }
  await daemon.line('camera_recovery_skipped', { stage: 'usb_reset' });
  await daemon.line('camera_recovery_skipped', { stage: 'watchdog' });
  await daemon.line('camera_recovery_exhausted');
  const { cameras } = JSON.parse((await rig.ask('status', '--json')).stdout.toString());
  assert.equal(cameras.front.state, 'failed');
  const { exit, tookMs } = await daemon.stop();
  assert.equal(exit, 0);
  assert.ok(tookMs < 3000, `${tookMs} ms`);
});
