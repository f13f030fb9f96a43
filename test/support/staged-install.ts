import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** What stands for the program: it shows how the launcher started it. */
const PROGRAM = `
const { argv, env, execArgv, execPath } = process;
const { NODE_COMPILE_CACHE, MALLOC_ARENA_MAX, UV_THREADPOOL_SIZE } = env;
const given = { NODE_COMPILE_CACHE, MALLOC_ARENA_MAX, UV_THREADPOOL_SIZE };
console.log(JSON.stringify({ args: argv.slice(2), execArgv, execPath, env: given }));
`;

/** A folder into which deploy/install.sh has installed the real deploy files, with a stand-in for the built program. */
export interface StagedInstall extends AsyncDisposable {
  readonly root: string;
  /** Installs again, as an upgrade does. */
  install(): Promise<void>;
}

export async function stageInstall(): Promise<StagedInstall> {
  const folder = await mkdtemp(join(tmpdir(), 'cambox staged ')); // with a space, as a user's path may have
  const checkout = join(folder, 'checkout');
  const root = join(folder, 'root');
  for (const part of ['deploy', 'config']) await cp(join(CHECKOUT, part), join(checkout, part), { recursive: true });
  await mkdir(join(checkout, 'dist'));
  await writeFile(join(checkout, 'dist/cambox.mjs'), PROGRAM);
  const install = async (): Promise<void> => {
    await promisify(execFile)(join(checkout, 'deploy/install.sh'), [root]);
  };
  await install();
  return { root, install, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
