import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childEnvironment } from '../../../../src/record/child/child-environment.ts';

test('child environment is ours without what systemd gave to the daemon alone', () => {
  const own = {
    PATH: '/usr/bin',
    LC_ALL: 'de_DE.UTF-8',
    NOTIFY_SOCKET: '/run/systemd/notify',
    WATCHDOG_USEC: '30000000',
    WATCHDOG_PID: '1',
    CREDENTIALS_DIRECTORY: '/run/credentials/cambox.service',
  };
  assert.deepEqual(childEnvironment(own), { PATH: '/usr/bin', LC_ALL: 'C' });
});
