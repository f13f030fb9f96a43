import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/cli/cli-command.ts';
import { readOptions } from '../../../src/cli/options.ts';
import { TARGET_OPTIONS, TARGET_USAGE, targetFrom } from '../../../src/cli/target-options.ts';
import { type RtpTarget, TARGET_DEFAULTS } from '../../../src/stream/rtp-target.ts';

const targetOf = (line: string): RtpTarget => targetFrom(readOptions(line.split(' '), TARGET_OPTIONS).values);

test('a target needs no more than host and port', () => {
  assert.deepEqual(targetOf('--to rtp://192.0.2.7:5004'), { ...TARGET_DEFAULTS, host: '192.0.2.7', port: 5004 });
  assert.equal(targetOf('--to rtp://[ff15::7:9]:5004').host, 'ff15::7:9');
});

test('every option of a target is taken', () => {
  const sent = '--mtu 9000 --ssrc 7 --pacing 0 --transport dgram --no-rtcp --rtcp-port 6000 --ttl 3 --interface eth0';
  assert.deepEqual(targetOf(`--to rtp://h:1 ${sent} --no-multicast-loop --dscp 34 --srtp-key-file key`), {
    host: 'h',
    port: 1,
    mtu: 9000,
    ssrc: 7,
    pacing: 0,
    transport: 'dgram',
    rtcp: false,
    rtcpPort: 6000,
    ttl: 3,
    interface: 'eth0',
    loop: false,
    dscp: 34,
    srtpKeyFile: 'key',
  });
});

test('every option of a target stands in the help', () => {
  for (const name of Object.keys(TARGET_OPTIONS)) assert.match(TARGET_USAGE, new RegExp(`^  --${name} `, 'm'));
});

test('a target that makes no sense is told with what is allowed', () => {
  for (const line of [
    '--mtu 1500',
    '--to http://h:1',
    '--to rtp://h',
    '--to rtp://h:1 --ttl 0',
    '--to rtp://h:1 --dscp 64',
  ]) {
    assert.throws(() => targetOf(line), UsageError, line);
  }
});
