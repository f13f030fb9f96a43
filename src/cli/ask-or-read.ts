import type { AnyCommand } from '../control/command.ts';
import { parseArgs } from '../control/request.ts';
import { noDaemon } from '../control/socket/request-over-socket.ts';
import type { CliIo } from './cli-command.ts';
import { recordDir } from './clips/clip-options.ts';
import { askDaemon } from './daemon-socket.ts';

/** Where a daemon listens, or where its recording folder is. */
export interface Place {
  readonly socket?: string;
  readonly dir?: string;
  readonly config?: string;
}

/** Ask the daemon; when none runs, or a folder is named, `read` what is in the recording folder. Throws as either. */
export async function askOrRead<Answer>(
  io: CliIo,
  place: Place,
  { command, args }: { readonly command: AnyCommand; readonly args: object },
  read: (dir: string, args: unknown) => Answer,
): Promise<Answer> {
  if (place.dir === undefined) {
    try {
      return (await askDaemon(io, place.socket, command.name, args)) as Answer;
    } catch (failure) {
      if (!noDaemon(failure)) throw failure;
      io.note('No daemon runs: this is what it left.');
    }
  }
  const parsed = parseArgs(command, args);
  if (!parsed.ok) throw parsed.error;
  return read(recordDir(place, io), parsed.value);
}
