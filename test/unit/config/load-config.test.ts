import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CamboxError } from '../../../src/base/errors.ts';
import { loadConfig, parseConfig } from '../../../src/config/load-config.ts';

const CAMERA = { id: 'front', source: 'synthetic:640x480' };

function refusal(json: unknown, env: NodeJS.ProcessEnv = {}): string {
  try {
    parseConfig(json, env, 'test');
  } catch (error) {
    assert.ok(error instanceof CamboxError);
    assert.equal(error.code, 'bad_config');
    return error.message;
  }
  return assert.fail('the config was accepted');
}

test('an empty config is filled with the documented defaults', () => {
  const defaults: unknown = JSON.parse(readFileSync('config/default.json', 'utf8'));
  assert.deepEqual(parseConfig({}, {}, 'test'), defaults);
});

test('keys left out of a camera and of its receivers are filled in', () => {
  const { cameras } = parseConfig({ cameras: [{ ...CAMERA, rtp: [{ host: '127.0.0.1' }] }] }, {}, 'test');
  assert.equal(cameras[0]?.fps, 30);
  assert.equal(cameras[0]?.rtp[0]?.mtu, 1500);
});

test('a config is frozen to its depth', () => {
  const config = parseConfig({ cameras: [CAMERA] }, {}, 'test');
  assert.ok(Object.isFrozen(config.cameras[0]?.rtp));
});

test('CAMBOX_* variables override the file', () => {
  assert.equal(parseConfig({ box: { id: 'file' } }, { CAMBOX_BOX_ID: 'env' }, 'test').box.id, 'env');
});

test('limits of the disk are told in fractions of gigabytes and days; what is counted, in whole numbers', () => {
  const retention = { max_age_days: 0.5, class_max_age_days: { cut: 0.5 }, max_gb: 1.5, camera_max_gb: 0.25 };
  assert.deepEqual(parseConfig({ retention }, {}, 'test').retention, { ...retention, least_free_mb: 256 });
  assert.match(
    refusal({ record: { bitrate_kbps: 800.5 } }),
    /null or a whole number from 100 to 100000: received 800.5/,
  );
});

test('controls are numbers, switches and texts, in the order of the file', () => {
  const controls = { white_balance_automatic: false, white_balance_temperature: 4600, power_line_frequency: '50 Hz' };
  const { cameras } = parseConfig(
    {
      cameras: [
        { ...CAMERA, controls },
        { ...CAMERA, id: 'back' },
      ],
    },
    {},
    'test',
  );
  assert.deepEqual(Object.entries(cameras[0]?.controls ?? {}), Object.entries(controls));
  assert.deepEqual(cameras[1]?.controls, {});
});

test('the shipped demo config is accepted', () => {
  assert.equal(loadConfig('config/demo.json', {}).cameras.length, 1);
});

const REFUSED: readonly (readonly [what: string, json: unknown, message: RegExp])[] = [
  [
    'an unknown key, with the one that was meant',
    { mqtt: { urll: '' } },
    /mqtt\.urll: unknown key, did you mean url\?/,
  ],
  ['an unknown key in a camera, with its path', { cameras: [{ ...CAMERA, widht: 3 }] }, /cameras\[0\]\.widht: .*width/],
  [
    'a wrong type, with the value',
    { cameras: [{ ...CAMERA, fps: 'fast' }] },
    /cameras\[0\]\.fps: must be .*received "fast"/,
  ],
  ['a missing value', { cameras: [{ id: 'a' }] }, /cameras\[0\]\.source: must be a non-empty string/],
  ['a value where a group belongs', { mqtt: null }, /mqtt: must be an object: received null/],
  ['a list as the whole', [], /must be an object/],
  [
    'a class with a name that no clip has',
    { retention: { class_max_age_days: { Alarm: 3 } } },
    /class_max_age_days: must be like .*received {"Alarm":3}/,
  ],
  [
    'a class with no number',
    { retention: { class_max_age_days: { alarm: 'long' } } },
    /class_max_age_days: must be like/,
  ],
  [
    'a class with a group of keys',
    { retention: { class_max_age_days: { alarm: { days: 3 } } } },
    /class_max_age_days: must not have keys within keys: received {"alarm":{"days":3}}/,
  ],
  [
    'a broker URL of another scheme',
    { mqtt: { url: 'http://x' } },
    /mqtt\.url: .*mqtt:\/\/host:1883.*received "http:\/\/x"/,
  ],
  ['credentials in the broker URL', { mqtt: { url: 'mqtt://a:b@x' } }, /mqtt\.password_file/],
  [
    'controls that are no map, with an example',
    { cameras: [{ ...CAMERA, controls: ['brightness'] }] },
    /cameras\[0\]\.controls: must be like .*received \["brightness"\]/,
  ],
  [
    'a control with a fraction, which no driver has',
    { cameras: [{ ...CAMERA, controls: { brightness: 1.5 } }] },
    /whole number of 32 bits.*received {"brightness":1.5}/,
  ],
  [
    'a control by a label that is no name',
    { cameras: [{ ...CAMERA, controls: { 'Exposure, Auto': 1 } }] },
    /names as `cambox devices` shows them/,
  ],
  [
    'a control with keys of its own',
    { cameras: [{ ...CAMERA, controls: { brightness: { value: 3 } } }] },
    /cameras\[0\]\.controls: must not have keys within keys: received/,
  ],
  ['two cameras of one id', { cameras: [CAMERA, CAMERA] }, /cameras\[1\]\.id: "front" is used twice/],
  ['more pre-roll than there is memory', { cameras: [{ ...CAMERA, pre_roll_mb: 500 }] }, /needs at least 667/],
  [
    'a stream on the RTCP port of another',
    {
      cameras: [
        {
          ...CAMERA,
          rtp: [
            { host: 'a', port: 5004 },
            { host: 'a', port: 5005 },
          ],
        },
      ],
    },
    /cameras\[0\]\.rtp: a:5005 is the RTCP port of a:5004/,
  ],
  [
    'a fixed SSRC with an SRTP key',
    { cameras: [{ ...CAMERA, rtp: [{ host: 'a', ssrc: 1, srtp_key_file: 'key' }] }] },
    /cameras\[0\]\.rtp: ssrc 1 cannot go with srtp_key_file/,
  ],
  ['RTCP behind the last port', { cameras: [{ ...CAMERA, rtp: [{ host: 'a', port: 65535 }] }] }, /port 65535/],
  [
    'a camera name that is not understood',
    { cameras: [{ ...CAMERA, source: 'usb:46d:825' }] },
    /cameras\[0\]\.source: must be usb:VID:PID or .*received "usb:46d:825"/,
  ],
  [
    'one device for two cameras',
    {
      cameras: [
        { id: 'a', source: 'serial:A1' },
        { id: 'b', source: 'serial:A1' },
      ],
    },
    /cameras\[1\]\.source: "serial:A1" is cameras\[0\]'s/,
  ],
  ['a prototype key', JSON.parse('{"__proto__":{"x":1}}'), /__proto__: unknown key/],
];
for (const [what, json, message] of REFUSED) {
  test(`the loader refuses ${what}`, () => assert.match(refusal(json), message));
}

test('the loader accepts every kind of source, and one file for two cameras', () => {
  const sources = ['usb:046D:0825', 'usb:046d:0825:A:1', 'serial:A1', 'path:platform-x.csi', '/dev/video0', 'a.mjpeg'];
  const cameras = [...sources, 'a.mjpeg'].map((source, i) => ({ id: `c${i}`, source, pre_roll_mb: 1 }));
  assert.equal(parseConfig({ cameras }, {}, 'test').cameras.length, 7);
});

test('all problems are told at once', () => {
  const message = refusal({ box: { id: 'Not An Id' }, nonsense: 1, log: { level: 'loud' } });
  for (const key of ['box.id', 'nonsense', 'log.level']) assert.ok(message.includes(key), message);
});

test('a file that is not there is refused with its path', () => {
  assert.throws(() => loadConfig('/nowhere/x.json', {}), /\/nowhere\/x\.json.*ENOENT/);
});

test('clips are handed over to a folder or an https address without secrets in it, sealed for keys of age', () => {
  const recipient = `age1${'q'.repeat(58)}`;
  for (const to of ['', '/media/stick', 'https://files.example/box-1/']) {
    assert.equal(parseConfig({ export: { to, recipients: [recipient] } }, {}, 'test').export.to, to);
  }
  for (const to of [
    'http://files.example/',
    'https://me:secret@files.example/',
    'https://files.example/?key=1',
    'stick',
  ]) {
    assert.match(refusal({ export: { to } }), /export\.to: must be "" \(nowhere\), a folder/, to);
  }
  assert.match(
    refusal({ export: { recipients: ['AGE-SECRET-KEY-1'] } }),
    /export\.recipients: must be a list of public keys/,
  );
  assert.match(refusal({ export: { cert: '/etc/cambox/a.pem' } }), /export\.cert and export\.key: only one is set/);
});
