import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { CamboxError } from '../../../src/base/errors.ts';
import { SILENT } from '../../../src/base/logger.ts';
import type { SdNotify } from '../../../src/native/libsystemd.ts';
import { openNotifier, watchdogIntervalMs } from '../../../src/systemd/notifier.ts';
import { LogCollector } from '../../support/log-collector.ts';
import { startNotifyReceiver } from '../../support/notify-receiver.ts';

afterEach(() => {
  delete process.env['NOTIFY_SOCKET'];
});

const missing = (): SdNotify => {
  throw new CamboxError('missing_library', { verb: 'load', thing: 'libsystemd.so.0', reason: 'test' });
};

test('notifier sends every kind of notification through libsystemd when NOTIFY_SOCKET is set', async () => {
  await using receiver = await startNotifyReceiver();
  process.env['NOTIFY_SOCKET'] = receiver.path;
  const notifier = openNotifier(process.env, SILENT);
  assert.equal(notifier.via, 'libsystemd');
  notifier.ready();
  await receiver.receives('READY=1');
  notifier.status('2 cameras\nWATCHDOG=trigger');
  await receiver.receives('STATUS=2 cameras WATCHDOG=trigger');
  notifier.watchdog();
  await receiver.receives('WATCHDOG=1');
  notifier.reloading(123_456_789_012_345);
  await receiver.receives('RELOADING=1\nMONOTONIC_USEC=123456789012345');
  notifier.extendTimeout(10_000_000);
  await receiver.receives('EXTEND_TIMEOUT_USEC=10000000');
  notifier.stopping();
  await receiver.receives('STOPPING=1');
});

test('notifier sends READY and STATUS through the program when libsystemd cannot be loaded', async () => {
  await using receiver = await startNotifyReceiver();
  process.env['NOTIFY_SOCKET'] = receiver.path;
  const log = new LogCollector();
  const notifier = openNotifier({ ...process.env, WATCHDOG_USEC: '20000000' }, log, missing);
  assert.equal(notifier.via, 'systemd-notify');
  assert.equal(notifier.watchdogIntervalMs, undefined);
  notifier.ready();
  notifier.watchdog();
  notifier.status('one');
  notifier.status('two');
  await receiver.receives('STATUS=two');
  const sent = receiver.text().match(/READY=\d|STATUS=\w+|WATCHDOG.*/g);
  assert.deepEqual(sent, ['READY=1', 'STATUS=one', 'STATUS=two']);
  assert.match(String(log.of('systemd_fallback')[0]!.fields['remedy']), /libsystemd0, or set WatchdogSec=0/);
  assert.deepEqual(log.of('systemd_notify_failed'), []);
});

test('notifier does nothing when systemd does not listen', () => {
  const notifier = openNotifier({ WATCHDOG_USEC: '20000000' }, SILENT, missing);
  assert.equal(notifier.via, 'none');
  assert.equal(notifier.watchdogIntervalMs, undefined);
  notifier.ready();
  notifier.stopping();
});

test('notifier warns once when the socket is gone', () => {
  process.env['NOTIFY_SOCKET'] = '/nonexistent/notify';
  const log = new LogCollector();
  const notifier = openNotifier(process.env, log);
  notifier.ready();
  notifier.watchdog();
  assert.deepEqual(
    log.of('systemd_notify_failed').map(({ fields }) => fields),
    [{ reason: 'ENOENT' }],
  );
});

test('watchdog interval is half of WATCHDOG_USEC when it is meant for this process', () => {
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: '20000000' }), 10_000);
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: '20000000', WATCHDOG_PID: String(process.pid) }), 10_000);
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: '20000000', WATCHDOG_PID: '1' }), undefined);
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: 'soon' }), undefined);
  assert.equal(watchdogIntervalMs({}), undefined);
});
