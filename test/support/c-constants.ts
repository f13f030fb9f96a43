import { execFileSync } from 'node:child_process';

/** C compilers by the CPU they compile for. Nothing is run, so any machine can ask for both. */
export const COMPILERS = { x64: 'x86_64-linux-gnu-gcc', arm64: 'aarch64-linux-gnu-gcc' } as const;
export type Cpu = keyof typeof COMPILERS;

/**
 * The values that constant C expressions have on a CPU, as its compiler computes them. They are read from the assembly
 * it writes, which is how the kernel's own build finds out offsets (include/linux/kbuild.h).
 *
 * @param headers such as `linux/videodev2.h`
 */
export function cConstants(
  cpu: Cpu,
  headers: readonly string[],
  expressions: Iterable<string>,
): ReadonlyMap<string, number> {
  const asked = [...expressions];
  const program = [
    ...headers.map((header) => `#include <${header}>`),
    'int main(void) {',
    ...asked.map(
      (expression, index) => `asm volatile("\\n.ascii \\"-> ${index} %0\\"" : : "i"((long)(${expression})));`,
    ),
    'return 0; }',
  ].join('\n');
  const assembly = execFileSync(COMPILERS[cpu], ['-x', 'c', '-S', '-o', '-', '-'], {
    input: program,
    encoding: 'utf8',
    maxBuffer: 16e6,
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  const found = assembly.matchAll(/-> (\d+) [$#]?(-?\d+)/g);
  return new Map([...found].map(([, index, value]) => [asked[Number(index)]!, Number(value)]));
}
