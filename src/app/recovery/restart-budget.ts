import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { asCamboxError } from '../../base/errors.ts';
import { msFromUs } from '../../base/units.ts';
import { readBootId } from '../boot-id.ts';

export interface RestartBudgetOptions {
  /** The file that remembers; undefined when there is no folder for it, and then there is no budget. */
  readonly path: string | undefined;
  /** Which boot of the machine this is. */
  readonly boot: string;
  readonly clock: Clock;
}

const FILE = 'restarts.json';

/** `stateDirectories`: systemd's $STATE_DIRECTORY, the folders of the unit's StateDirectory= with colons between. */
export async function openRestartBudget(stateDirectories: string | undefined, clock: Clock): Promise<RestartBudget> {
  const [folder] = (stateDirectories ?? '').split(':');
  const boot = await readBootId();
  return new RestartBudget({ path: folder ? join(folder, FILE) : undefined, boot, clock });
}

/** A restart that was granted: in which boot, and when on its monotonic clock. */
interface Granted {
  readonly boot: string;
  readonly mono_ms: number;
  readonly reason: string;
}

export const MAX_RESTARTS = 3;
const PERIOD_MS = 3_600_000;

/**
 * How often the service may have itself restarted: three times an hour, whatever happens. What was granted is on the disk
 * before it is used, so that the service, and the machine, cannot restart for ever. The wall clock is not asked: without
 * a battery it is wrong after a boot. A restart of an earlier boot is at least as old as this boot.
 */
export class RestartBudget {
  readonly #options: RestartBudgetOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RestartBudgetOptions) {
    this.#options = options;
  }

  /** Take one. Returns undefined when it is granted, else why not. Never throws. */
  spend(reason: string): Promise<string | undefined> {
    const spent = this.#last.then(() => this.#spend(reason));
    this.#last = spent;
    return spent;
  }

  async #spend(reason: string): Promise<string | undefined> {
    const { path, boot, clock } = this.#options;
    if (path === undefined) return 'there is no state folder to remember restarts in (StateDirectory= of the unit)';
    const mono_ms = Math.floor(msFromUs(clock.now()));
    const recent = (await readGranted(path)).filter((granted) => this.#ageMs(granted) < PERIOD_MS);
    if (recent.length >= MAX_RESTARTS) return `it has been restarted ${recent.length} times within the last hour`;
    try {
      await writeDurably(path, `${JSON.stringify({ restarts: [...recent, { boot, mono_ms, reason }] })}\n`);
      return undefined;
    } catch (thrown) {
      return asCamboxError(thrown, 'remember', 'the restart').message;
    }
  }

  #ageMs({ boot, mono_ms }: Granted): number {
    const nowMs = msFromUs(this.#options.clock.now());
    return boot === this.#options.boot ? nowMs - mono_ms : nowMs;
  }
}

/** A file that is not there, or was damaged, remembers nothing. */
async function readGranted(path: string): Promise<readonly Granted[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const { restarts } = JSON.parse(text) as { readonly restarts?: unknown };
    return Array.isArray(restarts) ? restarts.filter(isGranted) : [];
  } catch {
    return [];
  }
}

function isGranted(value: unknown): value is Granted {
  const { boot, mono_ms } = (value ?? {}) as Partial<Granted>;
  return typeof boot === 'string' && typeof mono_ms === 'number';
}

/** On the disk when it resolves, whole or not at all. */
async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
