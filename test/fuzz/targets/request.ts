import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../src/base/errors.ts';
import { wallMs } from '../../../src/base/units.ts';
import { checkRequest } from '../../../src/control/admission.ts';
import { topicsOf } from '../../../src/control/mqtt/topics.ts';
import { COMMANDS } from '../../../src/control/registry.ts';
import { type Envelope, parseEnvelope } from '../../../src/control/request.ts';
import { errorBody } from '../../../src/control/response.ts';
import { mutateManyTimes } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';
import { ACCEPTED, type FuzzTarget } from '../target.ts';

const REASONS: readonly (ErrorCode | 'bad_topic')[] = [
  'bad_topic',
  'too_large',
  'bad_json',
  'bad_schema',
  'expired',
  'clock_unsynced',
  'unknown_command',
];
const NOW = wallMs(Date.parse('2025-11-20T12:00:00Z'));
/** An answer tells what was wrong, not all that came. */
const MAX_ANSWER_CHARACTERS = 4096;
const NEWLINE = 0x0a;

const TOPICS = topicsOf('box');
const COMMAND_TOPIC = 'cambox/v1/box/cmd';

const RTP = { camera: 'front', host: '192.0.2.7', port: 5004 };
/** One that may run for each command. */
const ARGS: Readonly<Record<string, object>> = {
  ping: {},
  snapshot: { camera: 'front' },
  'clip.start': { camera: 'front', pre_s: 5, duration_s: 10, encoder: 'libx264', label: 'gate' },
  'clip.stop': { camera: 'front' },
  'stream.start': RTP,
  'stream.stop': { camera: 'front', stream: '192.0.2.7:5004' },
  'stream.retarget': { ...RTP, stream: '[2001:db8::1]:5004' },
  'stream.list': { camera: 'front' },
  'no.such': {},
};
const KEYS = [
  'args',
  'ttl_ms',
  'issued_at',
  'by',
  'camera',
  'pre_s',
  'port',
  'host',
  '__proto__',
  'constructor',
  'toJSON',
  '',
];

/** Requests over MQTT and the socket: each is taken or answered by a code, shortly, and changes nothing by itself. */
export const requestTarget: FuzzTarget = {
  name: 'request',
  share: 0.3,
  reasons: REASONS,
  open() {
    const commands = new Map(COMMANDS.map((command) => [command.name, command]));
    return {
      make: mutatedRequest,
      check(input) {
        const end = input.indexOf(NEWLINE);
        const topic = Buffer.from(input.subarray(0, Math.max(0, end))).toString('utf8');
        const payload = input.subarray(end + 1);
        const envelope = parseEnvelope(payload);
        if (envelope.ok) assertEnvelope(envelope.value);
        const command = TOPICS.parseCommand(topic);
        if (command === undefined) return 'bad_topic';
        const incoming = { ...command, payload, retained: false, live: false, expiresInS: undefined };
        const checked = checkRequest(incoming, commands, NOW);
        assert.ok(Object.keys(Object.prototype).length === 0, 'a prototype was changed');
        if (!(checked instanceof Error)) return ACCEPTED;
        const answer = JSON.stringify(errorBody(checked));
        assert.ok(answer.length <= MAX_ANSWER_CHARACTERS, `the answer has ${answer.length} characters`);
        return checked.code;
      },
    };
  },
};

function assertEnvelope({ ttlMs = 1, issuedAtMs = NOW, by = '' }: Envelope): void {
  assert.ok(Number.isInteger(ttlMs) && ttlMs >= 1 && ttlMs <= 86_400_000, `ttl ${ttlMs}`);
  assert.ok(Number.isFinite(issuedAtMs), `issued at ${issuedAtMs}`);
  assert.ok(by.length <= 128);
}

/** The topic, a newline, the payload. */
function mutatedRequest(random: Random): Uint8Array {
  const name = random.pick(Object.keys(ARGS));
  const id = random.oneIn(20) ? random.pick(['', 'a b', '/', 'x'.repeat(65), '+']) : 'r1';
  const topic = Buffer.from(`${COMMAND_TOPIC}/${name}/${id}\n`);
  const request: Record<string, unknown> = {
    ttl_ms: 60_000,
    issued_at: '2025-11-20T14:00:00.000+02:00',
    by: 'console',
  };
  const args = structuredClone(ARGS[name]) as Record<string, unknown>;
  request['args'] = args;
  for (let left = random.below(3); left > 0; left--) {
    const key = random.pick(KEYS);
    const value = key === 'issued_at' ? anyTime(random) : anyValue(random, 3);
    // Defined, as an assignment to "__proto__" would set the prototype.
    const property = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(random.oneIn(2) ? args : request, key, property);
  }
  const whole = Uint8Array.from(Buffer.concat([topic, Buffer.from(JSON.stringify(request))]));
  return random.oneIn(3) ? mutateManyTimes(whole, random) : whole;
}

function anyValue(random: Random, depth: number): unknown {
  const simple = [
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    86_400_001,
    '',
    'front',
    '192.0.2.7:5004',
    '\0',
    '\u{1f4f7}',
    anyTime(random),
  ];
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0:
      return random.u32();
    case 1:
      return random.pick(['a', '\\', '"', '\ud800', '0']).repeat(random.below(random.oneIn(50) ? 70_000 : 300));
    case 6:
      return Array.from({ length: random.below(3) }, () => anyValue(random, depth - 1));
    case 7:
      return random.oneIn(20) ? deep(random) : { [random.pick(KEYS)]: anyValue(random, depth - 1) };
    default:
      return random.pick(simple);
  }
}

/** Dates that are none, and some that are. */
function anyTime(random: Random): string {
  const two = (most: number): string => String(random.below(most)).padStart(2, '0');
  const date = `${random.pick(['2025', '0000', '9999', '1970'])}-${two(14)}-${two(33)}`;
  const fraction = random.pick(['', '.0', '.123', `.${'9'.repeat(random.below(400))}`]);
  const seconds = random.pick(['', `:${two(62)}${fraction}`]);
  return `${date}T${two(26)}:${two(61)}${seconds}${random.pick(['Z', '', '+02:00', '-23:59', '+24:00', 'z'])}`;
}

function deep(random: Random): unknown {
  let value: unknown = 1;
  for (let left = random.below(100); left > 0; left--) value = random.oneIn(2) ? [value] : { a: value };
  return value;
}
