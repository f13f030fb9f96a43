import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMosquitto } from '../../support/mosquitto.ts';
import { openMqttBox } from '../../support/mqtt-box.ts';
import { openConsole } from '../../support/mqtt-console.ts';

const BASE = 'cambox/v1/box-a';

test('telemetry goes out at once when the broker is there, and is refused when it is not', async () => {
  await using broker = await startMosquitto();
  await using box = openMqttBox(broker.url);
  await box.settled();
  {
    await using console = await openConsole(broker.url);
    assert.equal(box.door.telemetry.live({ temp_c: 60 }), true);
    assert.equal(await box.door.telemetry.batch({ metric: 'temp_c', buckets: [] }), true);
    const live = await console.next((m) => m.topic === `${BASE}/telemetry`);
    assert.deepEqual([live.json, live.retain], [{ temp_c: 60 }, false]);
    const batch = await console.next((m) => m.topic === `${BASE}/telemetry/batch`);
    assert.deepEqual([batch.json, batch.retain], [{ metric: 'temp_c', buckets: [] }, false]);
  }
  await broker.stop();
  await box.disconnected();
  assert.equal(box.door.telemetry.live({ temp_c: 60 }), false);
  assert.equal(await box.door.telemetry.batch({ metric: 'temp_c', buckets: [] }), false);
  assert.equal(box.door.state.waiting, 0);
});
