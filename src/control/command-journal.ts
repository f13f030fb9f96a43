import type { CommandResponse } from './response.ts';

/** Where the answer to a command can still be given by a later run of the service. */
export interface ReplyAddress {
  readonly topic: string;
  readonly correlationData?: Buffer;
}

export interface AcceptedCommand {
  readonly id: string;
  readonly name: string;
  /** Of name and payload: tells whether a request with the same id is the same request. */
  readonly bodyHash: string;
  /** What only looks may run twice. */
  readonly acts: boolean;
  /** Undefined for a requester who is gone when the service is. */
  readonly replyTo: ReplyAddress | undefined;
}

/** A command that was accepted, running or over. */
export interface JournalEntry {
  readonly name: string;
  readonly bodyHash: string;
  readonly response: CommandResponse;
}

/**
 * What is remembered of commands by their id, so that a request delivered twice runs once: every running one (the executor
 * bounds those), and of those that are over at least the latest 1000. Nothing here throws or rejects: a box whose disk is
 * broken still takes commands.
 */
export interface CommandJournal {
  recall(id: string): JournalEntry | undefined;
  /** Before it runs. What is returned resolves when it is known for good; undefined: there is nothing to wait for. */
  accept(command: AcceptedCommand, response: CommandResponse): Promise<void> | undefined;
  /** A response on the way to the end. */
  progress(id: string, response: CommandResponse): void;
  /** Before the final response is given. As `accept`. */
  finish(id: string, response: CommandResponse): Promise<void> | undefined;
}
