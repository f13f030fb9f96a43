import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMosquitto } from '../../support/mosquitto.ts';
import { openMqttBox } from '../../support/mqtt-box.ts';
import { openConsole } from '../../support/mqtt-console.ts';
import { until } from '../../support/until.ts';

const ALARM = 'cambox/v1/box-a/alarm/disk_full';

/** Alarms as the test sets them. */
class FakeAlarms {
  types: string[] = [];
  readonly bodies = new Map<string, object>();
  readonly deliveries: string[] = [];

  body = (type: string): object | undefined => this.bodies.get(type);
  delivered = (type: string, body: object | undefined): void => {
    this.deliveries.push(`${type} ${body === undefined ? 'over' : 'is'}`);
  };
}

test('alarm is retained while it lasts, and the broker forgets it when it is over', async () => {
  await using broker = await startMosquitto();
  const alarms = new FakeAlarms();
  await using box = openMqttBox(broker.url, { alarms });
  await box.settled();
  alarms.bodies.set('disk_full', { type: 'disk_full', status: 'fail' });
  box.door.publishAlarm('disk_full');
  await until('the broker has it', () => alarms.deliveries.length === 1);
  {
    await using console = await openConsole(broker.url);
    const { json, retain } = await console.next((m) => m.topic === ALARM);
    assert.deepEqual([json, retain], [{ type: 'disk_full', status: 'fail' }, true]);
    alarms.bodies.clear();
    box.door.publishAlarm('disk_full');
    await console.next((m) => m.topic === ALARM && m.payload.length === 0);
  }
  await until('the broker has that, too', () => alarms.deliveries.length === 2);
  await using late = await openConsole(broker.url);
  await late.next((m) => m.topic === 'cambox/v1/box-a/status');
  await late.publish('cambox/v1/end', {});
  await late.next((m) => m.topic === 'cambox/v1/end');
  assert.equal(
    late.received.find((m) => m.topic === ALARM),
    undefined,
  );
  assert.deepEqual(alarms.deliveries, ['disk_full is', 'disk_full over']);
});

test('alarms of an outage, and the end of others, are told at the next connect, before the events', async () => {
  await using broker = await startMosquitto();
  const alarms = new FakeAlarms();
  await using box = openMqttBox(broker.url, { alarms });
  await box.settled();
  await broker.stop();
  await box.disconnected();
  alarms.types = ['disk_full', 'camera_lost'];
  alarms.bodies.set('disk_full', { type: 'disk_full' });
  box.door.publishAlarm('disk_full'); // goes nowhere
  box.door.publishEvent('tick', {});
  await broker.start();
  await box.settled();
  assert.deepEqual(alarms.deliveries, ['disk_full is', 'camera_lost over']);
});
