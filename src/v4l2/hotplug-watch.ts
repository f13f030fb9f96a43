import { type FSWatcher, watch } from 'node:fs';
import { NODE_FOLDERS } from './device-nodes.ts';

/** Called when a folder cannot be watched; the other may still be. */
export type OnUnwatched = (folder: string, reason: unknown) => void;

/** Where to look; other values are for tests. */
export interface WatchedFolders {
  readonly dev: string;
  /** Where udev notes what it has done with a device. */
  readonly udevDatabase: string;
}

const WATCHED_FOLDERS: WatchedFolders = { dev: NODE_FOLDERS.dev, udevDatabase: '/run/udev/data' };

/** udev's file on a device of major 81, "c81:0": what `udevadm info` reads. */
const UDEV_NOTE = /^c81:\d+$/;
const NODE = /^video\d+$/;

/**
 * Notices at once, through inotify, that a video node came, went, or may be opened now. Watched are
 * - the folder of the nodes: the kernel makes them, then udev (or mdev) gives them to their group,
 * - udev's database, which is written when the links to a node are in place.
 * /dev/v4l is no place to watch: it goes away with the last camera. Holds no process back from ending.
 */
export class HotplugWatch implements Disposable {
  readonly #watchers: FSWatcher[] = [];
  readonly #listeners = new Set<() => void>();
  #changes = 0;

  private constructor() {
    // see open
  }

  /** Never throws. A machine without udev has no database: that is no problem. */
  static open(onUnwatched: OnUnwatched, folders = WATCHED_FOLDERS): HotplugWatch {
    const hotplug = new HotplugWatch();
    hotplug.#watch(folders.dev, NODE, (reason) => onUnwatched(folders.dev, reason));
    hotplug.#watch(folders.udevDatabase, UDEV_NOTE, (reason) => {
      if ((reason as NodeJS.ErrnoException).code !== 'ENOENT') onUnwatched(folders.udevDatabase, reason);
    });
    return hotplug;
  }

  /** How many changes there have been: tells whether one came while nobody listened. */
  get changes(): number {
    return this.#changes;
  }

  /** Call back at each change, until disposed. Plugging in one camera makes about ten, within a tenth of a second. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  #watch(folder: string, names: RegExp, onFailure: (reason: unknown) => void): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name !== null && names.test(name)) this.#changed();
      });
      watcher.on('error', onFailure);
      this.#watchers.push(watcher);
    } catch (reason) {
      onFailure(reason);
    }
  }

  #changed(): void {
    this.#changes += 1;
    for (const listener of [...this.#listeners]) listener();
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#listeners.clear();
  }
}
