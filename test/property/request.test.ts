import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../../src/base/logger.ts';
import { CommandExecutor } from '../../src/control/executor.ts';
import { COMMANDS } from '../../src/control/registry.ts';
import { LineReader } from '../../src/control/socket/line-reader.ts';
import { FakeBox } from '../support/fake-box.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingRequester } from '../support/recording-requester.ts';

/** Bytes, JSON, and JSON that looks like a request. */
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .record(
      { args: fc.anything(), ttl_ms: fc.anything(), issued_at: fc.anything(), by: fc.anything() },
      { requiredKeys: [] },
    )
    .map((value) => Buffer.from(tryStringify(value))),
);

function tryStringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '{"args":1}'; // a cycle or a bigint: not JSON
  }
}

test('executor answers every request whatever its bytes and never throws', async () => {
  const names = fc.oneof(fc.constantFrom(...COMMANDS.map(({ name }) => name)), fc.string());
  await fc.assert(
    fc.asyncProperty(names, payload, fc.boolean(), fc.boolean(), async (name, bytes, retained, live) => {
      const executor = new CommandExecutor(COMMANDS, new FakeBox(), { clock: new FakeClock(), logger: SILENT });
      const requester = new RecordingRequester();
      executor.submit({ id: 'x', name, payload: bytes, retained, live, expiresInS: undefined }, requester);
      assert.ok(['accepted', 'in_progress', 'rejected'].includes(requester.last.status));
      assert.doesNotThrow(() => JSON.stringify(requester.responses));
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
      await executor[Symbol.asyncDispose]();
    }),
    { numRuns: 300 },
  );
});

test('line reader gives the same lines however the stream is cut', () => {
  const line = fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.filter((byte) => byte !== 0x0a));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat({ max: 30 }), { minLength: 1 }), (lines, cuts) => {
      const stream = Buffer.concat(lines.flatMap((bytes) => [bytes, Buffer.from('\n')]));
      const reader = new LineReader(10);
      const seen: (string | undefined)[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = (cuts[i % cuts.length] ?? 0) + 1;
        for (const got of reader.push(stream.subarray(at, at + size))) {
          seen.push(got === undefined ? undefined : Buffer.from(got).toString('hex'));
        }
        at += size;
      }
      const expected = lines.map((bytes) => (bytes.length > 10 ? undefined : Buffer.from(bytes).toString('hex')));
      assert.deepEqual(seen, expected);
    }),
  );
});
