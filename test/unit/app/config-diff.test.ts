import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffConfigs } from '../../../src/app/config-diff.ts';
import { parseConfig } from '../../../src/config/load-config.ts';

const FRONT = { id: 'front', source: 'synthetic:640x480' };
const BACK = { id: 'back', source: 'synthetic:320x240' };
const config = (json: object) => parseConfig(json, {}, 'test');

test('an unchanged config asks for nothing', () => {
  const running = config({ cameras: [FRONT] });
  const diff = diffConfigs(running, config({ cameras: [FRONT] }));
  assert.deepEqual(diff, { config: running, stop: [], start: [], mqttChanged: false, needRestart: [] });
});

test('only the camera that changed is stopped and started', () => {
  const diff = diffConfigs(config({ cameras: [FRONT, BACK] }), config({ cameras: [{ ...FRONT, fps: 5 }, BACK] }));
  assert.deepEqual(diff.stop, ['front']);
  assert.deepEqual(
    diff.start.map(({ id }) => id),
    ['front'],
  );
});

test('a camera whose controls changed is opened anew, which sets them', () => {
  const bright = config({ cameras: [{ ...FRONT, controls: { brightness: 200 } }, BACK] });
  const { stop, start } = diffConfigs(config({ cameras: [FRONT, BACK] }), bright);
  assert.deepEqual([stop, start.map(({ controls }) => controls)], [['front'], [{ brightness: 200 }]]);
});

test('cameras come and go', () => {
  const diff = diffConfigs(config({ cameras: [FRONT] }), config({ cameras: [BACK] }));
  assert.deepEqual(diff.stop, ['front']);
  assert.deepEqual(
    diff.start.map(({ id }) => id),
    ['back'],
  );
});

test('a changed record group restarts every camera', () => {
  const diff = diffConfigs(
    config({ cameras: [FRONT, BACK] }),
    config({ cameras: [FRONT, BACK], record: { max_clips: 1 } }),
  );
  assert.deepEqual(diff.stop, ['front', 'back']);
  assert.equal(diff.start.length, 2);
});

test('what is built once is named as needing a restart', () => {
  const diff = diffConfigs(config({}), config({ box: { id: 'other' }, frames: { memory_mb: 50 } }));
  assert.deepEqual(diff.needRestart, ['box', 'frames']);
});

test('another folder of the clips waits for a restart, and all stay in the old one until then', () => {
  const running = config({ cameras: [FRONT] });
  const diff = diffConfigs(running, config({ cameras: [FRONT], record: { dir: '/x' } }));
  assert.deepEqual([diff.needRestart, diff.stop, diff.config.record.dir], [['record.dir'], [], running.record.dir]);
});

test('a change of the broker is seen', () => {
  assert.ok(diffConfigs(config({}), config({ mqtt: { url: 'mqtt://h' } })).mqttChanged);
});
