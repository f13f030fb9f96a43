import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * `npm test`: first, two files at a time, the tests that no rate or delay matters to; then one after the other those whose peers
 * (ffmpeg, GStreamer, brokers, daemons) need the machine for themselves. `npm test -- FILE...`: only these.
 * What is compiled is kept for the hundreds of processes that the tests start.
 */
const TWO_AT_A_TIME = /^test\/(unit|property|integration\/(archive|editing))\//;

const asked = process.argv.slice(2);
const files = globSync('test/{unit,property,integration}/**/*.test.ts').sort();
const phases =
  asked.length > 0
    ? [{ atOnce: 1, files: asked }]
    : [
        { atOnce: 2, files: files.filter((file) => TWO_AT_A_TIME.test(file)) },
        { atOnce: 1, files: files.filter((file) => !TWO_AT_A_TIME.test(file)) },
      ];

for (const { atOnce, files: some } of phases) {
  const { status, signal, error } = spawnSync(
    process.execPath,
    [
      '--import=./test/support/file-limit.ts',
      '--test',
      '--test-timeout=180000',
      `--test-concurrency=${atOnce}`,
      ...some,
    ],
    { stdio: 'inherit', env: { ...process.env, NODE_COMPILE_CACHE: resolve('node_modules/.cache/compiled') } },
  );
  if (error) throw error;
  if (status !== 0) process.exitCode = 1;
  if (signal) break;
}
