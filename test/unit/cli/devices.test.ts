import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CamboxError } from '../../../src/base/errors.ts';
import { reportDevices } from '../../../src/cli/device-report.ts';
import { cameraJson } from '../../../src/cli/devices-json.ts';
import { describeCamera } from '../../../src/cli/devices-text.ts';
import type { DeviceSummary } from '../../../src/v4l2/discovery.ts';
import { controlOf, formatOf, metadataNode, webcamNode } from '../../support/device-summaries.ts';

async function describe(nodes: readonly DeviceSummary[], daemonCameras: readonly [string, string][] = []) {
  const [camera] = await reportDevices(nodes, new Map(daemonCameras));
  return describeCamera(camera!);
}

const lineWith = (lines: readonly string[], text: string): string =>
  lines.find((line) => line.includes(text)) ?? assert.fail(`no line with ${text} in\n${lines.join('\n')}`);

test('a webcam is shown with its names, formats and controls, 80 columns wide but for the names', async () => {
  const lines = await describe([webcamNode(), metadataNode()]);
  assert.deepEqual(lines, [
    'HD Pro Webcam C920',
    '  driver    uvcvideo, on usb-0000:01:00.0-1.2 at 480 Mbit/s',
    '  node      /dev/video0  video',
    '  node      /dev/video1  metadata capture',
    '  "source": "usb:046d:082d:4E2A61BF"',
    '            "serial:4E2A61BF"',
    '            "path:platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.2:1.0"',
    '            "/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920_4E2A61BF-video-index0"',
    '            "/dev/v4l/by-path/platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.2:1.0-video-index0"',
    '  choice    MJPG 1280x720 where the config asks for 1280x720 at 30 fps: JPEG',
    '            needs no encoding; its largest size within 1280x720 that reaches 30',
    '            fps',
    '  formats',
    '    YUYV  YUYV 4:2:2',
    '      640x480 320x240',
    '        at 30 24 15 fps',
    '      1280x720',
    '        at 10 7.5 5 fps',
    '    MJPG  Motion-JPEG',
    '      640x480 1280x720 1920x1080',
    '        at 30 24 15 fps',
    '  controls',
    '    user                    now  default',
    '      brightness            128      128  0..255',
    '      power_line_frequency    2        1  menu',
    '        0 Disabled, 1 50 Hz, 2 60 Hz',
    '    camera                    now  default',
    '      exposure_time_absolute  250      250  3..2047, inactive',
  ]);
});

test('formats with the same sizes are shown together, and lines are wrapped', async () => {
  const fourccs = Array.from({ length: 40 }, (_, i) => `F${100 + i}`);
  const formats = fourccs.map((fourcc) => formatOf(fourcc, 'any', ['640x480', 5, 30]));
  const lines = await describe([webcamNode({ formats, controls: [] })]);
  const shown = lines.slice(lines.indexOf('  formats') + 1);
  assert.equal(shown.length, 5);
  assert.ok(shown.every((line) => line.length <= 80));
  assert.equal(
    shown
      .slice(0, 3)
      .join(' ')
      .split(/ +/)
      .filter((word) => word.startsWith('F')).length,
    40,
  );
  assert.equal(shown[4], '        at 30 5 fps');
});

test('a camera with nothing that can be sent says so', async () => {
  const lines = await describe([webcamNode({ formats: [formatOf('H264', 'H.264', ['1920x1080', 30])] })]);
  assert.match(lineWith(lines, 'choice'), /none: cambox can send none of its formats/);
});

test('a camera in use tells who has it', async () => {
  const held = webcamNode({ holders: [{ pid: 77, command: 'ffmpeg' }] });
  assert.match(lineWith(await describe([held]), '/dev/video0 '), /video, open in ffmpeg \(pid 77\)$/);
});

test('a camera of the daemon tells its id, also to those who may not see the process', async () => {
  const daemon: [string, string][] = [['/dev/video0', 'front']];
  const cambox = webcamNode({ holders: [{ pid: 77, command: 'cambox' }] });
  const seen = lineWith(await describe([cambox], daemon), '/dev/video0 ');
  assert.match(seen, /open in cambox \(pid 77\) as camera front$/);
  assert.match(lineWith(await describe([webcamNode()], daemon), '/dev/video0 '), /open in the daemon as camera front$/);
});

test('a camera that cannot be asked tells why once, with its names', async () => {
  const problem = new CamboxError('not_found', {
    verb: 'open',
    thing: '/dev/video0',
    reason: 'no device is behind it',
  });
  const nothing = { capabilities: undefined, captures: false, formats: [], controls: [], problem };
  const lines = await describe([
    webcamNode({ ...nothing, path: '/dev/video-none0' }),
    metadataNode({ ...nothing, path: '/dev/video-none1' }),
  ]);
  assert.deepEqual(lines.slice(0, 4), [
    'HD Pro Webcam C920',
    '  node      /dev/video-none0',
    '  node      /dev/video-none1',
    '  problem   no device is behind it: plug the camera in again, and see dmesg',
  ]);
  assert.ok(lines.some((line) => line.includes('serial:4E2A61BF')));
});

test('of several capturing nodes of one camera each tells what it offers, the controls once', async () => {
  const second = webcamNode({ path: '/dev/video2', index: 2, formats: [formatOf('H264', 'H.264', ['1920x1080', 30])] });
  const third = { ...second, path: '/dev/video3', index: 3 };
  const lines = await describe([webcamNode(), second, third]);
  assert.ok(lines.includes('  formats of /dev/video2'));
  assert.ok(lines.includes('  formats of /dev/video3: the same'));
  assert.equal(lines.filter((line) => line === '  controls').length, 1);
});

test('controls of every kind have a row', async () => {
  const controls = [
    controlOf('white_balance_automatic', 1, { kind: 'boolean', defaultValue: 1 }),
    controlOf('focus_absolute', undefined, { step: 5 }),
    controlOf('reset', undefined, { kind: 'button', writeOnly: true }),
    controlOf('leds', -2147483647, { kind: 'bitmask', defaultValue: 0, maximum: 0xffffffff, readOnly: true }),
    controlOf('speed', 1, { kind: 'integer_menu', menu: [{ value: 1, label: '250' }] }),
  ];
  const lines = await describe([webcamNode({ controls })]);
  assert.deepEqual(lines.slice(lines.indexOf('  controls') + 2), [
    '      white_balance_automatic           1        1  0 off, 1 on',
    '      focus_absolute                    ?      128  0..255 step 5',
    '      reset                                         to press',
    '      leds                     0x80000001      0x0  bits of 0xffffffff, read only',
    '      speed                             1      128  menu',
    '        1 250',
  ]);
});

test('the JSON of a camera has all its nodes with snake_case keys, and null for what is unknown', async () => {
  const [camera] = await reportDevices([webcamNode(), metadataNode()], new Map([['/dev/video0', 'front']]));
  const json = JSON.parse(JSON.stringify(cameraJson(camera!)));
  assert.deepEqual(json.usb, { vendor_id: '046d', product_id: '082d', serial: '4E2A61BF', speed_mbps: 480 });
  assert.deepEqual(json.names.slice(0, 2), ['usb:046d:082d:4E2A61BF', 'serial:4E2A61BF']);
  const [video, metadata] = json.nodes;
  assert.equal(video.daemon_camera, 'front');
  assert.deepEqual(video.formats[1].sizes[2], { width: 1920, height: 1080, fps: [30, 24, 15] });
  assert.deepEqual(video.controls[2].inactive, true);
  assert.deepEqual([metadata.captures, metadata.daemon_camera, metadata.formats], [false, null, []]);
});
