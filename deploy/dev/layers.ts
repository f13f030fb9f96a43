import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Holds the layer rule (.dependency-cruiser.mjs). dependency-cruiser reads TypeScript through swc, whose syntax tree it
 * does not follow into `using` declarations yet: it is shown a copy in which they are `const`.
 */

const folder = mkdtempSync(join(tmpdir(), 'cambox-layers-'));
try {
  for (const path of ['src', 'package.json', '.dependency-cruiser.mjs']) {
    cpSync(path, join(folder, path), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  for (const file of globSync(join(folder, 'src/**/*.ts'))) {
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/\b(?:await )?using (?=\w+ =)/g, 'const '));
  }
  const { status, stdout, stderr } = spawnSync('depcruise', ['src', '--output-type', 'err'], {
    cwd: folder,
    encoding: 'utf8',
  });
  process.stdout.write(`${stdout}${status === 0 ? '' : stderr}`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
