/**
 * Preloaded into every test process (`node --import`): a file that does not come to its end in time fails, and tells what it
 * waits for, instead of holding up the whole run. A test has its own, shorter limit (--test-timeout); this one is for what
 * is left behind: a timer, a socket, a child.
 */
const LIMIT_MS = 600_000;

setTimeout(() => {
  const waitsFor = process.getActiveResourcesInfo().join(', ');
  process.stderr.write(`not ended after ${LIMIT_MS / 1000} s; still active: ${waitsFor}\n`);
  process.exit(1);
}, LIMIT_MS).unref();
