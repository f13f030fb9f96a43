import { spawnSync } from 'node:child_process';

/**
 * `npm test`: first unit and property tests, two files at a time; then the integration tests one after the other, as their peers
 * (ffmpeg, GStreamer, brokers, daemons) need the machine for themselves to keep their rates. `npm test -- FILE...`: only these.
 */
const PHASES = [
  { atOnce: 2, files: ['test/unit/**/*.test.ts', 'test/property/**/*.test.ts'] },
  { atOnce: 1, files: ['test/integration/**/*.test.ts'] },
];

const asked = process.argv.slice(2);
const phases = asked.length > 0 ? [{ atOnce: 1, files: asked }] : PHASES;

for (const { atOnce, files } of phases) {
  const { status, signal, error } = spawnSync(
    process.execPath,
    [
      '--import=./test/support/file-limit.ts',
      '--test',
      '--test-timeout=180000',
      `--test-concurrency=${atOnce}`,
      ...files,
    ],
    { stdio: 'inherit' },
  );
  if (error) throw error;
  if (status !== 0) process.exitCode = 1;
  if (signal) break;
}
