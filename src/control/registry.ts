import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { AnyCommand } from './command.ts';
import { clipDelete } from './commands/clip-delete.ts';
import { clipExport } from './commands/clip-export.ts';
import { clipGet } from './commands/clip-get.ts';
import { clipList } from './commands/clip-list.ts';
import { clipNote } from './commands/clip-note.ts';
import { clipProtect } from './commands/clip-protect.ts';
import { clipSearch } from './commands/clip-search.ts';
import { clipStart } from './commands/clip-start.ts';
import { clipStop } from './commands/clip-stop.ts';
import { commandGet } from './commands/command-get.ts';
import { cut } from './commands/cut.ts';
import { jobCancel } from './commands/job-cancel.ts';
import { jobGet } from './commands/job-get.ts';
import { jobsList } from './commands/jobs-list.ts';
import { madeList } from './commands/made-list.ts';
import { ping } from './commands/ping.ts';
import { snapshot } from './commands/snapshot.ts';
import { streamList } from './commands/stream-list.ts';
import { streamRetarget } from './commands/stream-retarget.ts';
import { streamStart } from './commands/stream-start.ts';
import { streamStop } from './commands/stream-stop.ts';
import { telemetryQuery } from './commands/telemetry-query.ts';
import { timelapse } from './commands/timelapse.ts';
import { triggerList } from './commands/trigger-list.ts';

/** Every command there is. A new one: one file in commands/ and one line here. */
export const COMMANDS: readonly AnyCommand[] = [
  ping,
  snapshot,
  clipStart,
  clipStop,
  clipList,
  clipSearch,
  clipGet,
  clipProtect,
  clipNote,
  clipDelete,
  clipExport,
  madeList,
  triggerList,
  streamStart,
  streamStop,
  streamRetarget,
  streamList,
  cut,
  timelapse,
  jobsList,
  jobGet,
  jobCancel,
  telemetryQuery,
  commandGet,
];

/** The JSON Schemas of one command (draft 2020-12): what a request's `args` may be and what a `result` is. */
export function jsonSchemas(command: AnyCommand): { readonly args: object; readonly result: object } {
  return {
    args: z.toJSONSchema(command.args, { io: 'input' }),
    result: z.toJSONSchema(command.result, { io: 'output' }),
  };
}

/** Tells two versions of a command's schemas apart; stands in `birth`. */
export function schemaHash(command: AnyCommand): string {
  return `sha256:${createHash('sha256')
    .update(JSON.stringify(jsonSchemas(command)))
    .digest('hex')
    .slice(0, 16)}`;
}
