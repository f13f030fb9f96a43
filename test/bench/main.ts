/**
 * npm run bench -- AREA [--json]: measures one area against its peers and prints a line for each figure.
 */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { BenchArea, Figure } from './figure.ts';

/** Files of this folder that are no area. */
const SUPPORT = new Set([
  'main',
  'figure',
  'child-cpu',
  'process-load',
  'picture',
  'memory-group',
  'record-feed',
  'record-live',
  'record-memory',
  'default-receiver',
  'bench-cambox',
  'stream-peers',
  'catalog-clips',
  'catalog-memory',
]);

function areas(): string[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .filter((name) => !SUPPORT.has(name));
}

function asText({ figure, value, unit, peer, peer_value, ratio }: Figure): string {
  const line = `${figure.padEnd(32)} ${value} ${unit}`;
  return peer === undefined ? line : `${line.padEnd(56)} ${peer} ${peer_value} ${unit}, ratio ${ratio}`;
}

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const area = positionals[0];
if (area === undefined || positionals.length > 1 || !areas().includes(area)) {
  process.stderr.write(`Usage: npm run bench -- AREA [--json]\nAreas: ${areas().join(', ')}\n`);
  process.exitCode = 64;
} else {
  const { measure } = (await import(`./${area}.ts`)) as { measure: BenchArea };
  for await (const line of measure()) {
    process.stdout.write(`${values.json ? JSON.stringify(line) : asText(line)}\n`);
  }
}
