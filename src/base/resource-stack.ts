/**
 * Resources opened in several steps, closed in reverse order, once. If opening fails half-way, `await using` unwinds
 * what was opened; `move()` hands everything to a new owner once opening succeeded. A closer that fails does not keep
 * the others from running: the first failure is thrown after all have run.
 *
 * (AsyncDisposableStack does the same; it is missing from Node 22.)
 */
export class ResourceStack implements AsyncDisposable {
  #closers: (() => void | PromiseLike<void>)[] = [];

  /** Add a closer. */
  defer(closer: () => void | PromiseLike<void>): void {
    this.#closers.push(closer);
  }

  /** Add a resource and return it. */
  use<T extends AsyncDisposable | Disposable>(resource: T): T {
    this.defer(() =>
      Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : (resource as Disposable)[Symbol.dispose](),
    );
    return resource;
  }

  /** All closers move to the returned stack; this one becomes empty. */
  move(): ResourceStack {
    const moved = new ResourceStack();
    moved.#closers = this.#closers;
    this.#closers = [];
    return moved;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closers = this.#closers.reverse();
    this.#closers = [];
    const failures: unknown[] = [];
    for (const close of closers) {
      try {
        await close();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
