import assert from 'node:assert/strict';
import { closeSync, constants, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { deviceCalls } from '../../../src/native/device-calls.ts';
import { ReadinessWait } from '../../../src/native/readiness-wait.ts';

// <asm-generic/ioctls.h>, <asm-generic/termbits.h>
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;
const TIOCPKT = 0x5420;
const TCGETS = 0x5401;
const TCSETS = 0x5402;
const TERMIOS_BYTES = 64;
const IXON = 0x400;

/**
 * A pseudo-terminal in packet mode: a character device that every machine has, and that has priority events. Its master
 * gets one when the settings of the slave's flow control change.
 */
class PacketTerminal implements Disposable {
  readonly master = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  readonly slave: number;
  #hasSlave = true;

  constructor() {
    const argument = Buffer.alloc(4);
    ioctl(this.master, TIOCSPTLCK, argument);
    ioctl(this.master, TIOCGPTN, argument);
    this.slave = openSync(`/dev/pts/${argument.readUInt32LE()}`, constants.O_RDWR | constants.O_NOCTTY);
    argument.writeUInt32LE(1);
    ioctl(this.master, TIOCPKT, argument);
  }

  makeReadable(): void {
    writeSync(this.slave, 'x');
  }

  makeUrgent(): void {
    const termios = Buffer.alloc(TERMIOS_BYTES);
    ioctl(this.slave, TCGETS, termios);
    termios.writeUInt32LE((termios.readUInt32LE() ^ IXON) >>> 0);
    ioctl(this.slave, TCSETS, termios);
  }

  read(): void {
    readSync(this.master, Buffer.alloc(100));
  }

  hangUp(): void {
    if (this.#hasSlave) closeSync(this.slave);
    this.#hasSlave = false;
  }

  [Symbol.dispose](): void {
    this.hangUp();
    closeSync(this.master);
  }
}

function ioctl(fd: number, request: number, argument: Buffer): void {
  assert.equal(deviceCalls().ioctl(fd, request, argument), 0);
}

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;
const READY = { readable: false, writable: false, urgent: false, broken: false };

test('ReadinessWait resolves when there is something to read', async () => {
  using terminal = new PacketTerminal();
  using wait = new ReadinessWait(terminal.master);
  const waited = wait.wait({ readable: true });
  terminal.makeReadable();
  assert.deepEqual(await waited, { ...READY, readable: true });
});

test('ReadinessWait resolves at once when it is so already', async () => {
  using terminal = new PacketTerminal();
  using wait = new ReadinessWait(terminal.master);
  assert.deepEqual(await wait.wait({ writable: true, urgent: true }), { ...READY, writable: true });
});

test('ReadinessWait resolves for a priority event, which Node by itself cannot see', async () => {
  using terminal = new PacketTerminal();
  using wait = new ReadinessWait(terminal.master);
  terminal.makeReadable(); // not asked for
  const waited = wait.wait({ urgent: true });
  terminal.makeUrgent();
  assert.deepEqual(await waited, { ...READY, urgent: true });
});

test('ReadinessWait can wait again and again, each time for something else', async () => {
  using terminal = new PacketTerminal();
  using wait = new ReadinessWait(terminal.master);
  for (let round = 0; round < 3; round++) {
    terminal.makeUrgent();
    assert.equal((await wait.wait({ urgent: true })).urgent, true);
    terminal.read();
    terminal.makeReadable();
    assert.equal((await wait.wait({ readable: true })).readable, true);
    terminal.read();
  }
});

test('Two of ReadinessWait can wait for one descriptor at the same time', async () => {
  using terminal = new PacketTerminal();
  using first = new ReadinessWait(terminal.master);
  using second = new ReadinessWait(terminal.master);
  const waited = Promise.all([first.wait({ readable: true }), second.wait({ urgent: true })]);
  terminal.makeReadable();
  terminal.makeUrgent();
  const [readable, urgent] = await waited;
  assert.deepEqual([readable.readable, urgent.urgent], [true, true]);
});

test('ReadinessWait tells that the other end is gone, as often as it is asked', async () => {
  using terminal = new PacketTerminal();
  using wait = new ReadinessWait(terminal.master);
  const waited = wait.wait({ urgent: true });
  terminal.hangUp();
  assert.equal((await waited).broken, true);
  assert.equal((await wait.wait({ urgent: true })).broken, true);
});

test('ReadinessWait rejects with the reason of the signal, and can wait anew', async () => {
  using terminal = new PacketTerminal();
  using wait = new ReadinessWait(terminal.master);
  const controller = new AbortController();
  const waited = wait.wait({ readable: true }, controller.signal);
  controller.abort(new Error('enough'));
  await assert.rejects(waited, /enough/);
  await assert.rejects(wait.wait({ readable: true }, controller.signal), /enough/);
  terminal.makeReadable();
  assert.equal((await wait.wait({ readable: true })).readable, true);
});

test('ReadinessWait refuses a second question while the first is open', async () => {
  using terminal = new PacketTerminal();
  using wait = new ReadinessWait(terminal.master);
  const first = wait.wait({ readable: true });
  await assert.rejects(wait.wait({ urgent: true }), /waited for already/);
  terminal.makeReadable();
  await first;
});

test('ReadinessWait ends a wait as broken when it is disposed of, and leaves no descriptor', async () => {
  using terminal = new PacketTerminal();
  const descriptors = openDescriptors();
  const wait = new ReadinessWait(terminal.master);
  const waited = wait.wait({ readable: true });
  wait[Symbol.dispose]();
  wait[Symbol.dispose]();
  assert.equal((await waited).broken, true);
  assert.equal((await wait.wait({ readable: true })).broken, true);
  assert.equal(openDescriptors(), descriptors);
});

test('ReadinessWait refuses what epoll refuses, and leaves no descriptor', () => {
  const file = openSync(import.meta.filename, 'r');
  const descriptors = openDescriptors();
  try {
    assert.throws(() => new ReadinessWait(file), { code: 'unsupported', message: /epoll refuses it \(EPERM\)/ });
    assert.equal(openDescriptors(), descriptors);
  } finally {
    closeSync(file);
  }
});
