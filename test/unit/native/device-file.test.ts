import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { DeviceFile } from '../../../src/native/device-file.ts';
import { errnoName } from '../../../src/native/errno.ts';

// A pseudo-terminal is a character device that every machine has, that knows ioctls and becomes readable on demand.
const TTYAUX_MAJOR = 5;
/** Which number has the other end? And: unlock it (<asm-generic/ioctls.h>). */
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;
/** An ioctl of video devices: a terminal does not know it. */
const VIDIOC_QUERYCAP = 0x80685600;

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

class Terminal implements AsyncDisposable {
  readonly master: DeviceFile;
  readonly #slave: number;

  private constructor(master: DeviceFile, slave: number) {
    this.master = master;
    this.#slave = slave;
  }

  static async open(): Promise<Terminal> {
    const master = await DeviceFile.open('/dev/ptmx', TTYAUX_MAJOR);
    assert.ok(master instanceof DeviceFile, JSON.stringify(master));
    const argument = Buffer.alloc(4);
    assert.equal(await master.ioctl(TIOCSPTLCK, argument), 0);
    assert.equal(await master.ioctl(TIOCGPTN, argument), 0);
    const slave = openSync(`/dev/pts/${argument.readUInt32LE()}`, constants.O_RDWR | constants.O_NOCTTY);
    return new Terminal(master, slave);
  }

  /** What makes the master readable. */
  type(text: string): void {
    writeSync(this.#slave, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.master[Symbol.asyncDispose]();
    closeSync(this.#slave);
  }
}

test('DeviceFile tells the errno when a path does not exist', async () => {
  const refusal = await DeviceFile.open('/dev/no-such-device', 81);
  assert.ok(!(refusal instanceof DeviceFile) && refusal.refused === 'errno');
  assert.equal(errnoName(refusal.errno), 'ENOENT');
});

for (const [path, found] of [
  ['/dev/null', 'a character device of major 1'],
  [import.meta.filename, 'a regular file'],
] as const) {
  test(`DeviceFile refuses ${found} as a video device, and closes it again`, async () => {
    const descriptors = openDescriptors();
    assert.deepEqual(await DeviceFile.open(path, 81), { refused: 'other_kind', found });
    assert.equal(openDescriptors(), descriptors);
  });
}

test('DeviceFile gives the errno of an ioctl that the device does not know', async () => {
  await using terminal = await Terminal.open();
  assert.equal(errnoName(await terminal.master.ioctl(VIDIOC_QUERYCAP, Buffer.alloc(104))), 'ENOTTY');
  assert.equal(errnoName(terminal.master.ioctlNow(VIDIOC_QUERYCAP, Buffer.alloc(104))), 'ENOTTY');
});

test('DeviceFile fills the argument of an ioctl in place, on both ways', async () => {
  await using terminal = await Terminal.open();
  const [waited, direct] = [Buffer.alloc(4, 0xff), Buffer.alloc(4, 0xff)];
  await terminal.master.ioctl(TIOCGPTN, waited);
  terminal.master.ioctlNow(TIOCGPTN, direct);
  assert.deepEqual(waited, direct);
  assert.notEqual(waited.readUInt32LE(), 0xffffffff);
});

test('DeviceFile gives EBADF for an ioctl that comes after its closing', async () => {
  const terminal = await Terminal.open();
  await terminal[Symbol.asyncDispose]();
  assert.equal(errnoName(await terminal.master.ioctl(TIOCGPTN, Buffer.alloc(4))), 'EBADF');
  assert.equal(errnoName(terminal.master.ioctlNow(TIOCGPTN, Buffer.alloc(4))), 'EBADF');
});

test('DeviceFile finishes the ioctls under way before it closes', async () => {
  const descriptors = openDescriptors();
  const terminal = await Terminal.open();
  const first = terminal.master.ioctl(TIOCGPTN, Buffer.alloc(4));
  await Promise.resolve(); // now it is on its way to the pool
  await terminal[Symbol.asyncDispose]();
  assert.equal(await first, 0);
  assert.equal(openDescriptors(), descriptors);
});

test('DeviceFile can be closed twice', async () => {
  const terminal = await Terminal.open();
  await terminal.master[Symbol.asyncDispose]();
  const other = openSync('/dev/null', 'r'); // gets the number that became free
  await terminal.master[Symbol.asyncDispose]();
  closeSync(other); // throws EBADF had it been closed
  await terminal[Symbol.asyncDispose]();
});

test('DeviceFile calls the handler when there is something to read', async () => {
  await using terminal = await Terminal.open();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  using _watch = terminal.master.watch({ readable: resolve, broke: reject });
  terminal.type('hello');
  await promise;
});

test('DeviceFile refuses a second watch, and allows one after the first has ended', async () => {
  await using terminal = await Terminal.open();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const handler = { readable: resolve, broke: reject };
  const first = terminal.master.watch(handler);
  assert.throws(() => terminal.master.watch(handler), /watched already/);
  first[Symbol.dispose]();
  using _second = terminal.master.watch(handler);
  terminal.type('hello');
  await promise;
});

test('DeviceFile ends its watch when it is closed', async () => {
  const script = `
    import { DeviceFile } from ${JSON.stringify(import.meta.resolve('../../../src/native/device-file.ts'))};
    const file = await DeviceFile.open('/dev/ptmx', ${TTYAUX_MAJOR});
    file.watch({ readable() {}, broke() {} });
    await file[Symbol.asyncDispose]();`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
  const child = spawnSync(process.execPath, args, { timeout: 10_000, encoding: 'utf8' });
  assert.deepEqual([child.status, child.signal, child.stderr], [0, null, ''], 'a watch left keeps the process alive');
});

test('DeviceFile lets several wait beside its watch, and ends their waits as broken when it is closed', async () => {
  const descriptors = openDescriptors();
  const terminal = await Terminal.open();
  terminal.master.watch({ readable: () => assert.fail('readable'), broke: () => assert.fail('broke') });
  const waits = [terminal.master.waiter(), terminal.master.waiter()].map((waiter) => waiter.wait({ urgent: true }));
  await terminal[Symbol.asyncDispose]();
  for (const wait of waits) assert.equal((await wait).broken, true);
  assert.equal(openDescriptors(), descriptors);
});
