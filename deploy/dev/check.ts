import { spawnSync } from 'node:child_process';

/** `npm run check`: format, lint, types, layer rules, generated files. Runs all of them, then says which failed. */

const CHECKS: readonly (readonly [what: string, command: string, ...args: string[]])[] = [
  ['format and lint', 'biome', 'ci', '--error-on-warnings', '--colors=off', '.'],
  ['types', 'tsc', '-p', '.'],
  ['layers and cycles', 'node', 'deploy/dev/layers.ts'],
  ['generated files', 'node', 'deploy/dev/generate.ts', '--check'],
];

/** dependency-cruiser reads TypeScript through swc here; that it would rather have another compiler is no news. */
const NOISE =
  /missing-tsc-transpiler|compatible TypeScript compiler|likely to have missed|Install typescript|Support for typescript/;

const failed: string[] = [];
for (const [what, command, ...args] of CHECKS) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  const ok = status === 0;
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${what}\n`);
  if (ok) continue;
  failed.push(what);
  const lines = `${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`.split('\n').filter((line) => !NOISE.test(line));
  process.stdout.write(`${lines.join('\n')}\n`);
}
if (failed.length > 0) {
  process.stdout.write(`check failed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
