import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { CommandResponse } from '../../../src/control/response.ts';
import { isFinal } from '../../../src/control/response.ts';
import { DaemonRig } from '../../support/daemon-rig.ts';
import { until } from '../../support/until.ts';

const REQUESTS = 2000;
const MOST_GROWTH_MB = 20;
/** As the service runs. */
const FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=96'];

test(`${REQUESTS} requests for jobs at once are all answered and, who is refused coming back in time, all done`, async () => {
  const script = join(import.meta.dirname, '../../support/job-flood-process.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, script, String(REQUESTS)]);
  const { done, finals, busy, grewMb } = JSON.parse(stdout) as Record<string, number>;
  assert.equal(done, REQUESTS);
  assert.equal(finals, REQUESTS + busy!, 'one final answer for each request');
  assert.ok(busy! > 0, 'the queue is bounded');
  assert.ok(grewMb! <= MOST_GROWTH_MB, `${grewMb} MB`);
});

test(`${REQUESTS} clips asked for at once are all answered while the daemon goes on, with little more memory`, async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start({}, { NODE_OPTIONS: FLAGS.join(' ') });
  await daemon.line('camera_streaming');
  const socket = connect(rig.socket);
  const finals = new Map<string, CommandResponse>();
  let [twice, peakKb] = [0, 0];
  createInterface({ input: socket }).on('line', (line) => {
    peakKb = Math.max(peakKb, residentKb(daemon.pid));
    const response = JSON.parse(line) as CommandResponse;
    if (!isFinal(response.status)) return;
    if (finals.has(response.id)) twice += 1;
    finals.set(response.id, response);
  });
  const ask = (id: string): string =>
    `${JSON.stringify({ id, cmd: 'clip.start', args: { camera: 'front', pre_s: 1, duration_s: 1, encoder: 'copy' } })}\n`;
  socket.write(ask('first'));
  await until('everything has been used once', () => finals.has('first'));
  const beforeKb = residentKb(daemon.pid);
  peakKb = beforeKb;
  socket.write(Array.from({ length: REQUESTS }, (_, i) => ask(`r-${i}`)).join(''));
  await until('all are answered', () => finals.size === REQUESTS + 1, 60_000);
  socket.destroy();
  const [first, ...others] = [...finals.values()];
  assert.equal(first!.status, 'succeeded');
  const ready = others.filter(({ status }) => status === 'succeeded').length;
  const refused = others.filter(({ error }) => error?.retryable).length;
  assert.deepEqual([ready >= 1, ready + refused, twice], [true, REQUESTS, 0]);
  assert.ok(peakKb - beforeKb <= MOST_GROWTH_MB * 1024, `${peakKb - beforeKb} KB more`);
  assert.equal((await daemon.stop()).exit, 0);
});

/** VmRSS of proc_pid_status(5). */
const residentKb = (pid: number): number =>
  Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
