import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { resetUsbDevice } from '../../../src/app/recovery/usb-reset.ts';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { until } from '../../support/until.ts';

/**
 * The privileged program and its client, with systemd's own socket activation between them and a folder for sysfs. Real
 * devices are put back on a real bus in the VM test.
 */

const PROGRAM = resolve('deploy/bin/cambox-usb-reset');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cambox-usb-'));
  device('1-1.4', 'video4linux/video0');
  device('1-1.2', 'net/eth1');
});
afterEach(() => rmSync(folder, { recursive: true }));

const authorized = (name: string): string => join(folder, 'bus/usb/devices', name, 'authorized');

function device(name: string, child: string): void {
  mkdirSync(join(folder, 'bus/usb/devices', name, `${name}:1.0`, child), { recursive: true });
  writeFileSync(authorized(name), '');
}

/** What the program answers to this input. */
function ask(input: string | Uint8Array): { readonly status: number | null; readonly stdout: string } {
  const { status, stdout, error } = spawnSync(PROGRAM, [folder], { input, encoding: 'utf8', timeout: 10_000 });
  assert.equal(error, undefined);
  return { status, stdout };
}

test('a camera is taken off its bus and put back', () => {
  rmSync(authorized('1-1.4'));
  execFileSync('mkfifo', [authorized('1-1.4')]); // keeps everything that is written
  const fifo = openSync(authorized('1-1.4'), 'r+');
  try {
    assert.deepEqual(ask('1-1.4'), { status: 0, stdout: 'ok\n' });
    const written = Buffer.alloc(100);
    assert.equal(written.toString('utf8', 0, readSync(fifo, written)), '0\n1\n');
  } finally {
    closeSync(fifo);
  }
});

test('a reset that is interrupted puts the camera back', async () => {
  const program = spawn(PROGRAM, [folder], { stdio: ['pipe', 'ignore', 'ignore'] });
  program.stdin.end('1-1.4');
  await until('it is off', () => readFileSync(authorized('1-1.4'), 'utf8') === '0\n');
  const ended = once(program, 'close');
  program.kill('SIGTERM');
  await ended;
  assert.equal(readFileSync(authorized('1-1.4'), 'utf8'), '1\n');
});

for (const [what, input, answer] of [
  ['nothing', '', /not the name/],
  ['a path', '../../../etc', /not the name/],
  ['a path that looks like a device', '1-1.4/../1-1.2', /not the name/],
  ['a root hub', 'usb1', /not the name/],
  ['an interface', '1-1.4:1.0', /not the name/],
  ['two lines', '1-1.4\n1-1.2', /not the name/],
  ['a line before the name', '\n1-1.4', /not the name/],
  ['a pattern', '1-1.*', /not the name/],
  ['an option', '-1', /not the name/],
  ['dots only', '1-1..4', /not the name/],
  ['a very long name', `1-1${'.1'.repeat(5000)}`, /not the name/],
  ['code', '$(touch x)', /not the name/],
  ['bytes that are no text', Uint8Array.of(0x31, 0x2d, 0x31, 0xff), /not the name/],
  ['a device that is not there', '9-9', /no USB device 9-9/],
  ['a device that is no camera', '1-1.2', /1-1\.2 is no camera/],
] as const) {
  test(`the program refuses ${what}, and touches nothing`, () => {
    const { status, stdout } = ask(input);
    assert.equal(status, 1);
    assert.match(stdout, answer);
    for (const name of ['1-1.4', '1-1.2']) assert.equal(readFileSync(authorized(name), 'utf8'), '');
  });
}

test('a name with a newline at its end is taken', () => {
  assert.deepEqual(ask('1-1.4\n'), { status: 0, stdout: 'ok\n' });
});

/** The socket unit's part: accepts connections and starts the program for each. */
async function activated(body: (socket: string) => Promise<void>): Promise<void> {
  const socket = join(folder, 'reset.sock');
  const args = ['--accept', '--inetd', `--listen=${socket}`, PROGRAM, folder];
  const listener = spawn('systemd-socket-activate', args, { stdio: 'ignore' });
  const ended = once(listener, 'close');
  try {
    await until('it listens', () => existsSync(socket));
    await body(socket);
  } finally {
    listener.kill();
    await ended;
  }
}

test('the client has a camera reset through the socket', () =>
  activated(async (socket) => {
    assert.equal(await resetUsbDevice({ device: '1-1.4', socket, clock: SYSTEM_CLOCK }), undefined);
    assert.equal(readFileSync(authorized('1-1.4'), 'utf8'), '1\n');
  }));

test('the client tells why the program refuses', () =>
  activated(async (socket) => {
    const refusal = await resetUsbDevice({ device: '1-1.2', socket, clock: SYSTEM_CLOCK });
    assert.equal(refusal, 'cambox-usb-reset says: the USB device 1-1.2 is no camera');
  }));

test('the client tells which unit is missing when nobody listens', async () => {
  const socket = join(folder, 'nobody.sock');
  const refusal = await resetUsbDevice({ device: '1-1.4', socket, clock: SYSTEM_CLOCK });
  assert.match(refusal ?? '', /nobody listens at .*: systemctl enable --now cambox-usb-reset\.socket/);
});

test('the client gives up on a program that does not answer', async () => {
  const silent = join(folder, 'silent');
  writeFileSync(silent, '#!/bin/sh\nexec sleep 30\n');
  chmodSync(silent, 0o755);
  const socket = join(folder, 'silent.sock');
  const listener = spawn('systemd-socket-activate', ['--accept', '--inetd', `--listen=${socket}`, silent], {
    stdio: 'ignore',
    detached: true,
  });
  const ended = once(listener, 'close');
  try {
    await until('it listens', () => existsSync(socket));
    const soon = { ...SYSTEM_CLOCK, after: (_: number, task: () => void) => SYSTEM_CLOCK.after(200, task) };
    assert.match((await resetUsbDevice({ device: '1-1.4', socket, clock: soon })) ?? '', /not answered for 17 s/);
  } finally {
    process.kill(-listener.pid!, 'SIGKILL');
    await ended;
  }
});
