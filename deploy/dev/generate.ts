import { readFileSync, writeFileSync } from 'node:fs';
import { configDefaults } from './generate-config-defaults.ts';
import { configReference } from './generate-config-reference.ts';
import { mqttReference } from './generate-mqtt-reference.ts';

/** Writes the files that are made from the source; with --check only says which are out of date. */

const GENERATED: readonly (readonly [path: string, make: () => string])[] = [
  ['config/default.json', configDefaults],
  ['docs/config.md', configReference],
  ['docs/mqtt.md', mqttReference],
];

function current(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // not there yet: out of date
  }
}

const checkOnly = process.argv.includes('--check');
for (const [path, make] of GENERATED) {
  const text = make();
  if (current(path) === text) continue;
  if (checkOnly) {
    process.stdout.write(`${path} is out of date: npm run generate\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
    process.stdout.write(`wrote ${path}\n`);
  }
}
