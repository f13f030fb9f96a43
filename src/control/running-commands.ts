import type { CamboxError } from '../base/errors.ts';
import { cannotRun, type Incoming } from './admission.ts';
import type { AnyCommand } from './command.ts';
import type { Requester } from './requester.ts';

export interface Running {
  readonly command: AnyCommand;
  readonly id: string;
  /** Who asks, if they say. */
  readonly by: string | undefined;
  readonly requester: Requester;
  readonly abort: AbortController;
  /** Resolves when it is known for good that it was accepted. */
  readonly known: Promise<void>;
  /** Settles when `run` has really returned; until then it counts as running. */
  settled: Promise<void>;
  /** The requester has the final response (at a timeout that comes before `settled`). */
  answered: boolean;
}

/** The commands that run, and whether there is room for one more. */
export class RunningCommands {
  readonly #most: number;
  readonly #running = new Set<Running>();

  /** @param most how many of all kinds may run at a time, those in the queue of jobs aside */
  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#running.size;
  }

  [Symbol.iterator](): IterableIterator<Running> {
    return this.#running.values();
  }

  add(running: Running): void {
    this.#running.add(running);
  }

  delete(running: Running): void {
    this.#running.delete(running);
  }

  find(id: string): Running | undefined {
    for (const running of this.#running) if (running.id === id) return running;
    return undefined;
  }

  /** Those whose work is a job. */
  get queued(): number {
    return this.#countOf(isQueued);
  }

  /** Why there is no room for another command of this kind; those whose work is a job are the queue's matter. */
  refusal(command: AnyCommand, incoming: Incoming): CamboxError | undefined {
    const same = this.#countOf((running) => running === command);
    if (command.atOnce !== 'queued' && same >= command.atOnce) {
      return cannotRun(incoming, 'busy', `${same} of its kind are running, as many as may at a time`);
    }
    const others = this.#countOf((running) => !isQueued(running));
    if (others >= this.#most) {
      return cannotRun(incoming, 'busy', `${others} commands are running, as many as may at a time`);
    }
    return undefined;
  }

  #countOf(matches: (command: AnyCommand) => boolean): number {
    let count = 0;
    for (const { command } of this.#running) if (matches(command)) count += 1;
    return count;
  }
}

const isQueued = ({ atOnce }: AnyCommand): boolean => atOnce === 'queued';
