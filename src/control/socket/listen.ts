import { once } from 'node:events';
import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { CamboxError } from '../../base/errors.ts';

/** sizeof(sockaddr_un.sun_path) is 108 with its final zero (unix(7)); Node cuts longer ones silently. */
const MAX_PATH_BYTES = 107;
/** The service user and its group; the group is for people who may use the CLI. */
const MODE = 0o660;

/**
 * Let the server listen on a Unix socket. A socket that a crashed daemon left behind is removed; one that somebody
 * answers on is not. Throws `in_use`, `not_writable`, `bad_argument`.
 */
export async function listenOnUnixSocket(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw cannot('bad_argument', path, `its path is longer than ${MAX_PATH_BYTES} bytes`, 'Shorten control.socket');
  }
  await removeStaleSocket(path);
  server.listen(path);
  try {
    await once(server, 'listening');
    await chmod(path, MODE);
  } catch (cause) {
    server.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = 'Let the service user write the folder (RuntimeDirectory=cambox), or set control.socket';
    throw cannot('not_writable', path, reason, remedy, cause);
  }
}

async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined); // nothing there, or not to be seen: listening will tell
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw cannot('in_use', path, 'there is a file of that name that is no socket', 'Remove it, or set control.socket');
  }
  if (await answers(path)) {
    throw cannot(
      'in_use',
      path,
      'another daemon answers on it',
      'Stop that one (systemctl stop cambox), or set another control.socket',
    );
  }
  await unlink(path);
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false; // ECONNREFUSED: nobody has it open any more
  } finally {
    socket.destroy();
  }
}

const cannot = (
  code: 'in_use' | 'not_writable' | 'bad_argument',
  path: string,
  reason: string,
  remedy: string,
  cause?: unknown,
): CamboxError => new CamboxError(code, { verb: 'open', thing: `control socket ${path}`, reason, remedy, cause });
