import type * as z from 'zod/mini';
import type { Clock } from '../base/clock.ts';
import type { CamboxError } from '../base/errors.ts';
import type { Box } from './box.ts';
import type { JournalEntry } from './command-journal.ts';
import type { Door } from './requester.ts';

/** What a running command has at hand. */
export interface CommandContext {
  /** The id of the request, who asks, if they say, and which way it came. */
  readonly id: string;
  readonly by: string | undefined;
  readonly door: Door;
  readonly box: Box;
  readonly clock: Clock;
  /** Aborted at the command's time limit and at shutdown: finish soon. */
  readonly signal: AbortSignal;
  /** Tell the requester how far it is: `progress` 0 to 1 if it is known, `result` as far as there is one. */
  inProgress(update: { readonly progress?: number; readonly result?: unknown }): void;
  /**
   * Hand over a picture the way the request came: over MQTT as `cam/<camera>/snapshot`, over the local socket inside
   * the final response. Throws `network`, `too_large`, `busy`.
   */
  deliverJpeg(camera: string, jpeg: Uint8Array): void;
  /** What the journal knows of a command. */
  earlier(id: string): JournalEntry | undefined;
}

/** How a command ended. Failing is an outcome; a thrown CamboxError is taken as one without a result. */
export type CommandOutcome<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly error: CamboxError; readonly result?: Result };

/** One command: the single source of validation, types, the schema hash in `birth`, and documentation. */
export interface CommandSpec<Args extends z.ZodMiniType = z.ZodMiniType, Result extends z.ZodMiniType = z.ZodMiniType> {
  /** As it stands in the topic: `clip.start`. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** It changes something: refused over MQTT when nothing proves that the request is fresh. */
  readonly acts: boolean;
  /**
   * How many may run at a time; more are answered `busy`. `queued`: its work is a job (`runAsJob`), so as many as the
   * queue of jobs has room for.
   */
  readonly atOnce: number | 'queued';
  /** After this long it is `timed_out`; undefined: it ends by itself. */
  readonly timeoutMs: number | undefined;
  readonly args: Args;
  readonly result: Result;
  run(args: z.output<Args>, context: CommandContext): Promise<CommandOutcome<z.output<Result>>>;
}

/** A command whose types have been checked against its schemas: what the registry and the executor work with. */
// biome-ignore lint/suspicious/noExplicitAny: the args are whatever this command's own schema has parsed
export type AnyCommand = CommandSpec<z.ZodMiniType<any>, z.ZodMiniType<any>>;

/** Infers the types of `run` from the two schemas. */
export const defineCommand = <Args extends z.ZodMiniType, Result extends z.ZodMiniType>(
  spec: CommandSpec<Args, Result>,
): CommandSpec<Args, Result> => spec;
