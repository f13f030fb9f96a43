import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startMosquitto } from '../../support/mosquitto.ts';
import { openConsole } from '../../support/mqtt-console.ts';

const PROGRAM = fileURLToPath(new URL('../../support/mqtt-box-process.ts', import.meta.url));

test('broker says lost, retained, when the daemon is killed', async () => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  const child = spawn(process.execPath, [PROGRAM, broker.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await console.next((m) => m.json?.state === 'online');
  child.kill('SIGKILL');
  const lost = await console.next((m) => m.json?.state === 'lost');
  assert.equal(lost.topic, 'cambox/v1/box-a/status');
  await using later = await openConsole(broker.url);
  const kept = await later.next((m) => m.topic === 'cambox/v1/box-a/status');
  assert.deepEqual([kept.retain, kept.json.state], [true, 'lost']);
});
