/**
 * npm run bench -- AREA [--json]: measures one area against its peers and prints a line for each figure.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchArea, Figure } from './figure.ts';

/** Each file of `areas/`. */
const AREAS = readdirSync(join(import.meta.dirname, 'areas')).map((file) => basename(file, '.ts'));

function asText({ figure, value, unit, peer, peer_value, ratio }: Figure): string {
  const line = `${figure.padEnd(32)} ${value} ${unit}`;
  return peer === undefined ? line : `${line.padEnd(56)} ${peer} ${peer_value} ${unit}, ratio ${ratio}`;
}

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const area = positionals[0];
if (area === undefined || positionals.length > 1 || !AREAS.includes(area)) {
  process.stderr.write(`Usage: npm run bench -- AREA [--json]\nAreas: ${AREAS.join(', ')}\n`);
  process.exitCode = 64;
} else {
  const { measure } = (await import(`./areas/${area}.ts`)) as { measure: BenchArea };
  for await (const line of measure()) {
    process.stdout.write(`${values.json ? JSON.stringify(line) : asText(line)}\n`);
  }
}
