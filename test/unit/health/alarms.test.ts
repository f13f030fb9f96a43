import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALARM_TYPES, alarmsOf } from '../../../src/health/alarms.ts';

test('alarms name what somebody has to look after, with what the checks say of it', () => {
  const alarms = alarmsOf([
    { id: 'power', status: 'warn', code: 'undervoltage_now', hint: 'Replace the power supply' },
    { id: 'disk', status: 'ok' },
  ]);
  assert.deepEqual(
    [...alarms.values()],
    [
      {
        type: 'undervoltage',
        status: 'warn',
        checks: [{ id: 'power', code: 'undervoltage_now', hint: 'Replace the power supply' }],
      },
    ],
  );
});

test('alarms of one type are one, as bad as the worst of them', () => {
  const [alarm, ...more] = alarmsOf([
    { id: 'camera.a', status: 'warn', code: 'camera_lost', hint: '' },
    { id: 'camera.b', status: 'fail', code: 'camera_lost', hint: '' },
    { id: 'camera.c', status: 'warn', code: 'camera_lost', hint: '' },
  ]).values();
  assert.deepEqual(more, []);
  assert.deepEqual([alarm!.status, alarm!.checks.map(({ id }) => id)], ['fail', ['camera.a', 'camera.b', 'camera.c']]);
});

test('alarms are not raised for what passes by itself', () => {
  const passing = ['camera_recovering', 'clock_unsynced', 'mqtt_down', 'disk_low', 'hot'];
  const checks = passing.map((code) => ({ id: 'x', status: 'warn', code, hint: '' }) as const);
  assert.equal(alarmsOf(checks).size, 0);
});

test('alarm types can stand in a topic', () => {
  for (const type of ALARM_TYPES) assert.match(type, /^[a-z][a-z_]+$/);
});
