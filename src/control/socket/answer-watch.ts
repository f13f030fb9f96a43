import type { Clock } from '../../base/clock.ts';

/** A daemon that has been silent for so long is asked whether it is still there; a query must be answered by then. */
const QUERY_MS = 3000;
/** So long it has for the answer: a command is given up more reluctantly, as it may be under way. */
const SIGN_OF_LIFE_MS = 7000;

export interface AnswerWatchHandler {
  /** It has been silent: ask for a sign of life. Missing for a question that a daemon that lives answers at once. */
  ask?(): void;
  /** It does not answer. Called once. */
  giveUp(silentMs: number): void;
}

/**
 * Notices that a daemon does not answer any more. Commands may take as long as they like (a clip, an export) while the
 * daemon itself answers. Starts to wait at once.
 */
export class AnswerWatch implements Disposable {
  readonly #clock: Clock;
  readonly #handler: AnswerWatchHandler;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, handler: AnswerWatchHandler) {
    this.#clock = clock;
    this.#handler = handler;
    this.heard();
  }

  /** It said something. */
  heard(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(QUERY_MS, () => this.#silent());
  }

  #silent(): void {
    const { ask } = this.#handler;
    if (ask === undefined) {
      this.#handler.giveUp(QUERY_MS);
      return;
    }
    this.#cancel = this.#clock.after(SIGN_OF_LIFE_MS, () => this.#handler.giveUp(QUERY_MS + SIGN_OF_LIFE_MS));
    ask();
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }
}
