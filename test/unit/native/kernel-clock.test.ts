import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isClockDisciplined, STA_UNSYNC, TIMEX } from '../../../src/native/kernel-clock.ts';
import { COMPILERS, type Cpu, cConstants } from '../../support/c-constants.ts';

for (const cpu of Object.keys(COMPILERS) as Cpu[]) {
  test(`struct timex is laid out as in <sys/timex.h> on ${cpu}`, () => {
    const expected = new Map([
      [`sizeof(${TIMEX.name})`, TIMEX.size],
      ...Object.entries(TIMEX.at).map(([path, offset]) => [`offsetof(${TIMEX.name}, ${path})`, offset] as const),
      ['STA_UNSYNC', STA_UNSYNC],
    ]);
    assert.deepEqual(expected, cConstants(cpu, ['stddef.h', 'sys/timex.h'], expected.keys()));
  });
}

const kernelThatSays = (status: number, estimatedErrorUs: number) => (timex: Uint8Array) => {
  const view = new DataView(timex.buffer);
  view.setInt32(TIMEX.at['status']!, status, true);
  view.setBigInt64(TIMEX.at['esterror']!, BigInt(estimatedErrorUs), true);
  return 5;
};

for (const [what, status, estimatedErrorUs, right] of [
  ['that nobody has disciplined since the boot', STA_UNSYNC, 16_000_000, false],
  ['that is being disciplined', 0x2001, 120, true],
  ['of which the kernel alone knows that it is kept (phc2sys)', 0, 16_000_000, true],
  ['that was disciplined until the network went, or by chrony without rtcsync', STA_UNSYNC, 120, true],
] as const) {
  test(`a clock ${what} is known to be right: ${right}`, () => {
    assert.equal(isClockDisciplined(kernelThatSays(status, estimatedErrorUs)), right);
  });
}

test('whether the clock is right is unknown where the kernel may not be asked', () => {
  assert.equal(
    isClockDisciplined(() => -1),
    undefined,
  );
});

/** Says of this machine's clock what the rule needs, by the C library. */
const PEER = `#include <stdio.h>
#include <sys/timex.h>
int main(void) {
  struct timex told = {0};
  int result = adjtimex(&told);
  printf("%d %d %ld", result < 0, told.status, told.esterror);
}`;

test('this machine says of its clock what it says to a C program', () => {
  const dir = mkdtempSync(join(tmpdir(), 'cambox-timex-'));
  try {
    const program = join(dir, 'peer');
    execFileSync(COMPILERS[process.arch as Cpu], ['-x', 'c', '-o', program, '-'], { input: PEER });
    const [refused, status, estimatedErrorUs] = execFileSync(program, { encoding: 'utf8' }).split(' ').map(Number);
    const expected = refused === 1 ? undefined : isClockDisciplined(kernelThatSays(status!, estimatedErrorUs!));
    assert.equal(isClockDisciplined(), expected);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
