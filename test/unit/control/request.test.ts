import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../../src/control/registry.ts';
import { parseArgs, parseEnvelope } from '../../../src/control/request.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const clipStart = COMMANDS.find(({ name }) => name === 'clip.start')!;

const refusal = (parsed: ReturnType<typeof parseEnvelope> | ReturnType<typeof parseArgs>) =>
  parsed.ok ? undefined : { code: parsed.error.code, pointer: parsed.error.pointer };

test('request without a payload has no arguments', () => {
  assert.deepEqual(parseEnvelope(bytes('')), {
    ok: true,
    value: { ttlMs: undefined, issuedAtMs: undefined, by: undefined, args: {} },
  });
});

test('request gives its issue time with any offset as milliseconds', () => {
  const parsed = parseEnvelope(bytes('{"issued_at":"2025-01-01T02:00:00+02:00","ttl_ms":5,"by":"ops"}'));
  assert.deepEqual(parsed.ok && parsed.value, {
    ttlMs: 5,
    issuedAtMs: Date.UTC(2025, 0, 1),
    by: 'ops',
    args: {},
  });
});

const wrong: [string, string, { code: string; pointer: string | undefined }][] = [
  ['is no object', '[]', { code: 'bad_schema', pointer: '' }],
  ['has an unknown key', '{"arg":{}}', { code: 'bad_schema', pointer: '/arg' }],
  ['has a key with a slash and a tilde [RFC6901 §3]', '{"a/b~c":1}', { code: 'bad_schema', pointer: '/a~1b~0c' }],
  ['has a fractional ttl_ms', '{"ttl_ms":0.5}', { code: 'bad_schema', pointer: '/ttl_ms' }],
  ['has a local issued_at', '{"issued_at":"2025-01-01T00:00:00"}', { code: 'bad_schema', pointer: '/issued_at' }],
  ['has own __proto__', '{"__proto__":{}}', { code: 'bad_schema', pointer: '/__proto__' }],
  ['is cut off', '{"args":{', { code: 'bad_json', pointer: undefined }],
  ['nests 33 deep', '['.repeat(33), { code: 'bad_json', pointer: undefined }],
  ['is 65537 bytes long', ' '.repeat(65_537), { code: 'too_large', pointer: undefined }],
];

for (const [what, text, expected] of wrong) {
  test(`request is refused when it ${what}`, () => assert.deepEqual(refusal(parseEnvelope(bytes(text))), expected));
}

test('request may nest within its strings as it likes', () => {
  const by = '[{"\\'.repeat(20);
  assert.equal(parseEnvelope(bytes(JSON.stringify({ by }))).ok, true);
});

test('request that is not UTF-8 is bad_json', () => {
  assert.equal(refusal(parseEnvelope(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d])))?.code, 'bad_json');
});

const wrongArgs: [string, object, string][] = [
  ['nothing', {}, '/args/camera'],
  ['a camera that is no id', { camera: '../x', pre_s: 1 }, '/args/camera'],
  ['pre_s as text', { camera: 'front', pre_s: '5' }, '/args/pre_s'],
  ['a clip without length', { camera: 'front', pre_s: 1, duration_s: 0 }, '/args/duration_s'],
  ['an encoder that is none', { camera: 'front', pre_s: 1, encoder: 'gif' }, '/args/encoder'],
  ['a label with a control character', { camera: 'front', pre_s: 1, label: 'a\nb' }, '/args/label'],
  ['a key too many', { camera: 'front', pre_s: 1, extra: 1 }, '/args/extra'],
];

for (const [what, args, pointer] of wrongArgs) {
  test(`clip.start points to ${pointer} when it gets ${what}`, () => {
    assert.deepEqual(refusal(parseArgs(clipStart, args)), { code: 'bad_schema', pointer });
  });
}

test('message names the value and what is allowed when an argument does not fit', () => {
  const parsed = parseArgs(clipStart, { camera: 'front', pre_s: -3 });
  assert.match(parsed.ok ? '' : parsed.error.message, /\/args\/pre_s does not fit: .*>=0.*received -3/);
});
