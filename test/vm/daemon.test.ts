import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuestBroker } from './guest-broker.ts';
import { CAMERA, InstalledDaemon, pictureHashes, TOPICS } from './installed-daemon.ts';
import { stagesOf } from './stages.ts';
import { CAMERA_SIZES, type CameraSize, UsbCamera } from './usb-camera.ts';
import { Vm } from './vm.ts';

/** Everything happens in one boot; the first run makes the guest's image before. */
const WHOLE_TEST_MS = 15 * 60_000;
/** What an emulated processor decodes in real time. */
const FPS = 15;
/** TimeoutStopSec= of the unit. */
const STOP_LIMIT_S = 20;

test('in a VM with a real uvcvideo camera and a real systemd', { timeout: WHOLE_TEST_MS }, async (t) => {
  const stage = stagesOf(t);
  await using vm = await stage('the VM boots', () => Vm.boot());
  const camera = new UsbCamera(vm);
  const daemon = new InstalledDaemon(vm);
  const originals = new Map<CameraSize, ReadonlySet<string>>();

  await stage('the camera is plugged in', () => camera.plug(FPS));
  for (const size of CAMERA_SIZES) {
    await stage(`v4l2-ctl captures whole pictures at ${size}`, async () => {
      originals.set(size, new Set(await pictureHashes(vm, `-i /camera/${size}.mjpg`)));
      const [width, height] = size.split('x');
      await vm.sh(`
        v4l2-ctl --device ${camera.node} --set-fmt-video=width=${width},height=${height},pixelformat=MJPG \
          --stream-mmap --stream-count=10 --stream-to=/tmp/captured.mjpg`);
      assertOriginal(await pictureHashes(vm, '-i /tmp/captured.mjpg'), size, 10);
    });
  }
  await stage('the camera is unplugged and plugged in again', async () => {
    await camera.unplug();
    await camera.plug(FPS);
    await camera.unplug();
  });

  const broker = await GuestBroker.start(vm);
  const cameraIs = (state: string) => broker.expect(`${TOPICS}/cam/${CAMERA}/state`, (body) => body['state'] === state);
  await stage('the service becomes ready on a machine that has not seen a camera', async () => {
    await camera.unloadDrivers();
    await daemon.install();
    await daemon.configure('640x480', FPS, broker.url);
    await daemon.start();
    const { Type, ActiveState, SubState, User } = await daemon.show('Type', 'ActiveState', 'SubState', 'User');
    assert.deepEqual(
      { Type, ActiveState, SubState, User },
      { Type: 'notify', ActiveState: 'active', SubState: 'running', User: 'cambox' },
    );
    await broker.expect(`${TOPICS}/status`, (body) => body['state'] === 'online');
  });
  await stage('the service captures at 640x480 once the camera is plugged in', async () => {
    await camera.plug(FPS);
    const { width, height } = await cameraIs('streaming');
    assert.deepEqual({ width, height }, { width: 640, height: 480 });
  });
  await stage('ffmpeg decodes the RTP stream at 640x480, every picture as the camera sent it', async () => {
    assertOriginal(await daemon.receivePictures(20), '640x480', 20);
  });
  await stage('a clip commanded with mosquitto_pub is recorded', async () => {
    await broker.publish(`${TOPICS}/cmd/clip.start/c1`, { args: { camera: CAMERA, pre_s: 1, duration_s: 3 } });
    const result = await clipResult('c1', 'succeeded');
    assert.equal(result['state'], 'ready');
    await assertClipPlays(result, '640x480', 4);
  });
  await stage('the service survives that the camera is unplugged and plugged in again', async () => {
    await camera.unplug();
    await cameraIs('lost');
    await camera.plug(FPS);
    await cameraIs('streaming');
    assertOriginal(await daemon.receivePictures(10), '640x480', 10);
    const { ActiveState, NRestarts } = await daemon.show('ActiveState', 'NRestarts');
    assert.deepEqual({ ActiveState, NRestarts }, { ActiveState: 'active', NRestarts: '0' });
  });
  await stage('the service feeds the watchdog', async () => {
    const { WatchdogUSec, WatchdogTimestampMonotonic } = await daemon.show(
      'WatchdogUSec',
      'WatchdogTimestampMonotonic',
    );
    assert.equal(WatchdogUSec, '20s');
    const unchanged = `systemctl show cambox --property=WatchdogTimestampMonotonic --value | grep -qx ${WatchdogTimestampMonotonic}`;
    await vm.until('the watchdog is fed again', `! ${unchanged}`, 20);
  });
  await stage('the service stops cleanly', () => stopCleanly());

  await stage('the service captures at 1280x720', async () => {
    await daemon.configure('1280x720', FPS, broker.url);
    await daemon.start();
    const { width, height } = await cameraIs('streaming');
    assert.deepEqual({ width, height }, { width: 1280, height: 720 });
  });
  await stage('ffmpeg decodes the RTP stream at 1280x720, every picture as the camera sent it', async () => {
    assertOriginal(await daemon.receivePictures(20), '1280x720', 20);
  });
  await stage('the service stops cleanly while it records, and the clip plays', async () => {
    await broker.publish(`${TOPICS}/cmd/clip.start/c2`, { args: { camera: CAMERA, pre_s: 1 } });
    await broker.expect(`${TOPICS}/res/clip.start/c2`, (body) => body['status'] === 'in_progress');
    await vm.until(
      'the clip grows',
      '[ "$(cat /var/lib/cambox/clips/*c2* /var/lib/cambox/clips/*.partial 2>/dev/null | wc -c)" -gt 500000 ]',
    );
    await stopCleanly();
    const result = await clipResult('c2', 'failed');
    assert.deepEqual([result['state'], result['end']], ['interrupted', 'shutdown']);
    await assertClipPlays(result, '1280x720', 1);
  });

  /** The pictures have to be pixel by pixel those of the simulated camera. */
  function assertOriginal(hashes: readonly string[], size: CameraSize, least: number): void {
    assert.ok(hashes.length >= least, `${hashes.length} pictures instead of ${least}`);
    const damaged = hashes.filter((hash) => !originals.get(size)?.has(hash));
    assert.deepEqual(damaged, [], `${damaged.length} of ${hashes.length} pictures are not the camera's`);
  }

  async function clipResult(id: string, status: string): Promise<Record<string, unknown>> {
    const { result } = await broker.expect(`${TOPICS}/res/clip.start/${id}`, (body) => body['status'] === status);
    return result as Record<string, unknown>;
  }

  async function assertClipPlays(clip: Record<string, unknown>, size: CameraSize, leastSeconds: number): Promise<void> {
    const [width, height] = size.split('x').map(Number);
    const probe = await vm.sh(`
      ffprobe -v error -count_frames -show_entries stream=width,height,nb_read_frames:format=duration -of json '${clip['path']}'`);
    const { streams, format } = JSON.parse(probe);
    assert.deepEqual(streams, [{ width, height, nb_read_frames: String(clip['frames']) }]);
    assert.ok(Number(format.duration) >= leastSeconds - 0.2, `${format.duration} s instead of ${leastSeconds} s`);
    assertOriginal(await pictureHashes(vm, `-i '${clip['path']}'`), size, Number(clip['frames']));
  }

  async function stopCleanly(): Promise<void> {
    const started = performance.now();
    await daemon.stop();
    assert.ok(performance.now() - started < STOP_LIMIT_S * 1000);
    const { ActiveState, Result, ExecMainStatus } = await daemon.show('ActiveState', 'Result', 'ExecMainStatus');
    assert.deepEqual(
      { ActiveState, Result, ExecMainStatus },
      { ActiveState: 'inactive', Result: 'success', ExecMainStatus: '0' },
    );
    await broker.expect(`${TOPICS}/status`, (body) => body['state'] === 'offline');
    await vm.sh('! pgrep -u cambox');
  }
});
