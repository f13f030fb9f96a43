import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildPlace } from '../../src/record/memory/memory-caps.ts';
import { ChildGroup } from '../../src/systemd/cgroup/child-group.ts';

/**
 * A control group of the test's own in the machine's cgroup v2 hierarchy, mounted for it, as a service has one by
 * delegation. Needs root. It caps nothing: the memory controller belongs to systemd, or to cgroup v1.
 */
export class CgroupMount implements Disposable {
  readonly folder: string;
  readonly #mount = mkdtempSync(join(tmpdir(), 'cambox-cgroup-'));
  #lastNumber = 0;

  constructor() {
    execFileSync('mount', ['-t', 'cgroup2', 'cgroup2', this.#mount]);
    this.folder = join(this.#mount, `cambox-test-${process.pid}`);
    mkdirSync(this.folder);
  }

  /** Groups in it. */
  get groups(): string[] {
    return readdirSync(this.folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  }

  group(): ChildGroup {
    this.#lastNumber += 1;
    const dir = join(this.folder, `child-${this.#lastNumber}`);
    mkdirSync(dir);
    return new ChildGroup(dir);
  }

  /** Where a child runs in a group of its own. */
  place(): ChildPlace {
    const group = this.group();
    return {
      command: (program, args) => group.joining(program, args),
      watch: () => undefined,
      soFar: { capBytes: 0, peakBytes: 0, heldBytes: 0 },
      close: async () => {
        if (!(await group.remove())) throw new Error(`${group.dir} is still populated`);
        return { by: 'cgroup', capBytes: 0, peakBytes: 0, heldBytes: 0, cpuMs: undefined, killed: undefined };
      },
    };
  }

  [Symbol.dispose](): void {
    rmdirSync(this.folder);
    execFileSync('umount', [this.#mount]);
    rmdirSync(this.#mount);
  }
}
