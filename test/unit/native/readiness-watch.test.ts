import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { deviceCalls } from '../../../src/native/device-calls.ts';
import { type ReadinessHandler, ReadinessWatch } from '../../../src/native/readiness-watch.ts';

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
const WATCH_URL = JSON.stringify(import.meta.resolve('../../../src/native/readiness-watch.ts'));

/** A pipe with both ends open. */
class Fifo implements Disposable {
  readonly reading: number;
  readonly writing: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'readiness-'));
  #readerOpen = true;

  constructor() {
    const path = join(this.#folder, 'fifo');
    execFileSync('mkfifo', [path]);
    this.reading = openSync(path, O_RDONLY | O_NONBLOCK);
    this.writing = openSync(path, O_WRONLY | O_NONBLOCK);
  }

  /** The kernel then reports POLLERR at the other end. */
  closeReading(): void {
    if (this.#readerOpen) closeSync(this.reading);
    this.#readerOpen = false;
  }

  [Symbol.dispose](): void {
    this.closeReading();
    closeSync(this.writing);
    rmSync(this.#folder, { recursive: true });
  }
}

const never: ReadinessHandler = { readable: () => assert.fail('readable'), broke: () => assert.fail('broke') };

for (const path of ['/dev/null', import.meta.filename]) {
  test(`ReadinessWatch refuses ${path.startsWith('/dev') ? path : 'a regular file'}, where libuv would abort`, () => {
    const fd = openSync(path, O_RDONLY);
    try {
      assert.throws(() => new ReadinessWatch(fd, never), {
        code: 'unsupported',
        message: /epoll refuses it \(EPERM\)/,
      });
    } finally {
      closeSync(fd);
    }
  });
}

test('ReadinessWatch refuses a descriptor that is not open', () => {
  assert.throws(() => new ReadinessWatch(-1, never), { code: 'unsupported', message: /EBADF/ });
});

test('ReadinessWatch calls readable again until it has been read', async () => {
  using fifo = new Fifo();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let calls = 0;
  using _watch = new ReadinessWatch(fifo.reading, {
    readable: () => {
      calls += 1;
      if (calls === 3) resolve();
    },
    broke: reject,
  });
  writeSync(fifo.writing, 'x');
  await promise;
});

test('ReadinessWatch calls broke, without a reason, when the kernel reports POLLERR', async () => {
  using fifo = new Fifo();
  const { promise, resolve } = Promise.withResolvers<unknown[]>();
  using _watch = new ReadinessWatch(fifo.writing, {
    readable: () => assert.fail('readable'),
    broke: (...reasons) => resolve(reasons),
  });
  fifo.closeReading();
  assert.deepEqual(await promise, [undefined]);
});

test('ReadinessWatch hands what readable throws to broke, and to no other native call', async () => {
  using fifo = new Fifo();
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const mistake = new Error('a mistake');
  using _watch = new ReadinessWatch(fifo.reading, {
    readable: () => {
      throw mistake;
    },
    broke: resolve,
  });
  writeSync(fifo.writing, 'x');
  assert.equal(await promise, mistake);
  assert.equal(deviceCalls().close(-1), -1);
});

test('ReadinessWatch makes what broke throws an uncaught exception', () => {
  const script = `
    import { ReadinessWatch } from ${WATCH_URL};
    process.on('uncaughtException', (error) => { console.log('uncaught', error.message); });
    const watch = new ReadinessWatch(0, {
      readable() { throw new Error('first') },
      broke() { throw new Error('second') },
    });`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
  const child = spawnSync(process.execPath, args, { input: 'x', timeout: 10_000, encoding: 'utf8' });
  assert.deepEqual([child.stdout, child.stderr, child.status], ['uncaught second\n', '', 0]);
});

test('ReadinessWatch survives garbage collection while nobody holds it', async () => {
  const script = `
    import { ReadinessWatch } from ${WATCH_URL};
    const start = () => {
      new ReadinessWatch(0, { readable() { console.log('readable'); process.exit(0); }, broke() { process.exit(2); } });
    };
    start();
    setTimeout(() => { for (let i = 0; i < 5; i++) gc(); console.log('collected'); }, 1);`;
  const args = ['--expose-gc', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said === 'collected\n') child.stdin.end('x');
  });
  const [code] = await once(child, 'close');
  assert.deepEqual([said, code], ['collected\nreadable\n', 0]);
});

test('ReadinessWatch says nothing after it was disposed of', async () => {
  using fifo = new Fifo();
  const watch = new ReadinessWatch(fifo.reading, never);
  writeSync(fifo.writing, 'x');
  watch[Symbol.dispose]();
  watch[Symbol.dispose]();
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
});

test('ReadinessWatch of one descriptor can follow another', async () => {
  using fifo = new Fifo();
  for (let i = 0; i < 3; i++) new ReadinessWatch(fifo.reading, never)[Symbol.dispose]();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  using _watch = new ReadinessWatch(fifo.reading, { readable: resolve, broke: reject });
  writeSync(fifo.writing, 'x');
  await promise;
});
