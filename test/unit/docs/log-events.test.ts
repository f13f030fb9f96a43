import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const source = globSync('src/**/*.ts')
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');
const rows = readFileSync('docs/log.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'));
const documented = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!));

/** `logger.warn('name'`, `logger[level]('name'`, `new RareWarning('name'`. */
const LOGGED = /(?:[lL]ogger(?:\?)?(?:\.\w+|\[[^\]]*\])|new RareWarning)\(\s*'(\w+)'/g;
/** Events whose names are put together. */
const LEVELS = /^disk_(low|full|read_only|unknown|ok)$/;

test('every event that is logged is in docs/log.md', () => {
  const logged = new Set([...source.matchAll(LOGGED)].map(([, name]) => name!));
  assert.ok(logged.size > 80, `${logged.size} events were found`);
  assert.deepEqual([...logged].filter((name) => !documented.includes(name)).sort(), []);
});

test('docs/log.md has every event once, and none that is not logged', () => {
  assert.deepEqual(documented, [...new Set(documented)]);
  assert.deepEqual(
    documented.filter((name) => !LEVELS.test(name) && !source.includes(`'${name}'`)),
    [],
  );
});
