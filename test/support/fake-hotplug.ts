import type { Hotplug } from '../../src/app/camera/hotplug.ts';

/** Devices come and go when the test says so. */
export class FakeHotplug implements Hotplug {
  readonly listeners = new Set<() => void>();
  changes = 0;

  onChange(listener: () => void): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => this.listeners.delete(listener) };
  }

  change(): void {
    this.changes += 1;
    for (const listener of [...this.listeners]) listener();
  }
}
