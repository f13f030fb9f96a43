import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Compile gso-sender.c into the folder. Undefined where there is no C compiler, and why on stderr. */
export function buildBareSender(folder: string): string | undefined {
  const program = join(folder, 'gso-sender');
  try {
    execFileSync('gcc', ['-O2', '-o', program, join(import.meta.dirname, 'gso-sender.c')]);
    return program;
  } catch (failure) {
    process.stderr.write(`Without the C sender: ${String(failure)}\n`);
    return undefined;
  }
}
