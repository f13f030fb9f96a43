import { cpSync, readdirSync, rmSync, statSync } from 'node:fs';
import { build } from 'esbuild';

/**
 * `npm run build`: the release bundle. dist/cambox.mjs starts the program and loads the parts that a command needs from the
 * files beside it; recode-worker.mjs is the code of its worker thread; koffi, with the prebuilt addon of this machine's
 * CPU, stands in dist/node_modules.
 */

const OUT = 'dist';
const CPU = process.argv[2] ?? process.arch;
const KOFFI_ADDON = `@koromix/koffi-linux-${CPU}`;

/** What koffi needs at run time: its loader, not its C++ sources and manuals. */
const KOFFI_FILES = ['package.json', 'index.js', 'src/koffi/index.js', 'src/koffi/src/static.js', 'LICENSE.txt'];

rmSync(OUT, { recursive: true, force: true });
await build({
  entryPoints: { cambox: 'src/main.ts', 'recode-worker': 'src/stream/fit/recode-worker.ts' },
  outdir: OUT,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.18',
  external: ['koffi'],
  minifySyntax: true,
  legalComments: 'none',
  define: { 'process.env.FLUENTFFMPEG_COV': '""' },
  // bundled CommonJS packages expect what Node gives every CommonJS module
  banner: {
    js: [
      "import { createRequire as cjs } from 'node:module';",
      'const require = cjs(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;',
    ].join('\n'),
  },
  logLevel: 'warning',
});
for (const file of KOFFI_FILES) {
  cpSync(`node_modules/koffi/${file}`, `${OUT}/node_modules/koffi/${file}`, { recursive: true });
}
cpSync(`node_modules/${KOFFI_ADDON}`, `${OUT}/node_modules/${KOFFI_ADDON}`, { recursive: true });
const bytes = readdirSync(OUT)
  .filter((name) => name.endsWith('.mjs'))
  .reduce((sum, name) => sum + statSync(`${OUT}/${name}`).size, 0);
process.stdout.write(`${OUT}/cambox.mjs with its parts ${Math.round(bytes / 1024)} KB, for ${CPU}\n`);
