import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CamboxError } from '../../../../src/base/errors.ts';
import { Outage } from '../../../../src/control/mqtt/outage.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { LogCollector } from '../../../support/log-collector.ts';

const failure = (code: 'network' | 'bad_config'): CamboxError =>
  new CamboxError(code, { verb: 'connect to', thing: 'it', reason: 'reason' });

test('outage is told once, its end once with the time it took', async () => {
  const clock = new FakeClock();
  const log = new LogCollector();
  const outage = new Outage(clock, log);
  for (let i = 0; i < 10; i++) outage.failed(failure('network'));
  await clock.advance(61_000);
  outage.connected({});
  assert.deepEqual(
    log.lines.map(({ event }) => event),
    ['mqtt_down', 'mqtt_up'],
  );
  assert.deepEqual(log.of('mqtt_up')[0]!.fields, { down_ms: 61_000, attempts: 10 });
});

test('outage tells another kind of reason, too', () => {
  const log = new LogCollector();
  const outage = new Outage(new FakeClock(), log);
  for (const code of ['network', 'bad_config', 'network', 'bad_config'] as const) outage.failed(failure(code));
  assert.deepEqual(
    log.of('mqtt_down').map(({ fields }) => fields['code']),
    ['network', 'bad_config'],
  );
});

test('outage counts the reconnections of the last hour, not the first connection', async () => {
  const clock = new FakeClock();
  const outage = new Outage(clock, new LogCollector());
  outage.connected({});
  assert.equal(outage.reconnectsLastHour, 0);
  outage.connected({});
  await clock.advance(1_800_000);
  outage.connected({});
  assert.equal(outage.reconnectsLastHour, 2);
  await clock.advance(1_800_000);
  assert.equal(outage.reconnectsLastHour, 1);
});
