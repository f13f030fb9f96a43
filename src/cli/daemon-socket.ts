import { retoldError } from '../base/errors.ts';
import { ROOT_SCHEMA } from '../config/schema.ts';
import type { CommandResponse } from '../control/response.ts';
import { requestOverSocket } from '../control/socket/request-over-socket.ts';
import type { CliIo } from './cli-command.ts';

/** Option and help text shared by the commands that ask the running daemon. */
export const SOCKET_OPTION = { socket: { type: 'string' } } as const;
export const SOCKET_USAGE =
  '  --socket PATH   control socket of the daemon (CAMBOX_CONTROL_SOCKET, /run/cambox/control.sock)';

/** Ask the daemon and return the result of a success; throws a CamboxError with the daemon's words otherwise. */
export async function askDaemon(
  io: CliIo,
  socket: string | undefined,
  cmd: string,
  args: object = {},
): Promise<unknown> {
  return resultOf(await requestOverSocket(socketPath(io, socket), cmd, args, { signal: io.signal }), cmd);
}

/** Where the daemon listens. */
export const socketPath = (io: CliIo, socket: string | undefined): string =>
  socket ?? io.env['CAMBOX_CONTROL_SOCKET'] ?? defaultSocket();

const defaultSocket = (): string => (ROOT_SCHEMA.control as { socket: { default: string } }).socket.default;

/** The result of a success; throws the daemon's words otherwise. */
export function resultOf(response: CommandResponse, cmd: string): unknown {
  if (response.status === 'succeeded') return response.result;
  const { code, message } = response.error ?? { code: 'internal', message: `${cmd} ${response.status}` };
  throw retoldError(code, message, 'run', cmd);
}
