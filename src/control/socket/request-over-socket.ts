import { connect } from 'node:net';
import { type Clock, SYSTEM_CLOCK } from '../../base/clock.ts';
import { CamboxError } from '../../base/errors.ts';
import { parseJsonBytes } from '../json-bytes.ts';
import { type CommandResponse, isFinal } from '../response.ts';
import { AnswerWatch } from './answer-watch.ts';
import { LineReader } from './line-reader.ts';
import { STATUS_QUERY } from './status-query.ts';

/** A response holds at most one picture, as base64. */
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;

/** Of the question whether the daemon still answers, asked beside a command. */
const SIGN_OF_LIFE = 'sign-of-life';

export interface SocketRequestOptions {
  /** Stops waiting; the command itself goes on in the daemon. */
  readonly signal?: AbortSignal;
  /** Called for `accepted` and `in_progress`. */
  readonly onProgress?: (response: CommandResponse) => void;
  readonly clock?: Clock;
}

/**
 * Ask the running daemon, for the CLI. Resolves to the final response, also when that says `failed` or `rejected`.
 * Throws when there is none: `not_found` when no daemon answers, `not_writable` when the user may not, `interrupted` when the
 * daemon went away before it answered, `timed_out` when it hangs (the query `status` has 3 s; a command may take as long as
 * it likes while the daemon answers others), `bad_input` when something else than cambox answers, and the signal's reason.
 */
export function requestOverSocket(
  path: string,
  cmd: string,
  args: object = {},
  { signal, onProgress, clock = SYSTEM_CLOCK }: SocketRequestOptions = {},
): Promise<CommandResponse> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const reader = new LineReader(MAX_RESPONSE_BYTES);
    const socket = connect(path);
    const ask = (): void => void socket.write(`${JSON.stringify({ id: SIGN_OF_LIFE, cmd: STATUS_QUERY })}\n`);
    const watch = new AnswerWatch(clock, {
      ...(cmd !== STATUS_QUERY && { ask }),
      giveUp: (silentMs) => settle(() => reject(hangs(path, silentMs))),
    });
    const settle = (act: () => void): void => {
      watch[Symbol.dispose]();
      signal?.removeEventListener('abort', abort);
      socket.destroy();
      act();
    };
    const abort = (): void => settle(() => reject(signal?.reason));
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('error', (cause) => settle(() => reject(cannotReach(path, cause))));
    socket.once('close', () => settle(() => reject(hungUp(path))));
    socket.on('data', (chunk) => {
      watch.heard();
      for (const line of reader.push(chunk)) {
        const response = parseResponse(line);
        if (response === undefined) settle(() => reject(notCambox(path)));
        else if (response.id === SIGN_OF_LIFE) continue;
        else if (isFinal(response.status)) settle(() => resolve(response));
        else onProgress?.(response);
      }
    });
    socket.write(`${JSON.stringify({ cmd, args })}\n`);
  });
}

/** Whether a request failed because no daemon runs. */
export const noDaemon = (failure: unknown): boolean =>
  failure instanceof CamboxError &&
  failure.cause instanceof Error &&
  isNoListener((failure.cause as NodeJS.ErrnoException).code);

const isNoListener = (code: string | undefined): boolean => code === 'ENOENT' || code === 'ECONNREFUSED';

function parseResponse(line: Uint8Array | undefined): CommandResponse | undefined {
  const json = line === undefined ? undefined : parseJsonBytes(line);
  const isResponse =
    json?.ok === true && typeof json.value === 'object' && json.value !== null && 'status' in json.value;
  return isResponse ? (json.value as CommandResponse) : undefined;
}

function cannotReach(path: string, cause: NodeJS.ErrnoException): CamboxError {
  const thing = `the daemon at ${path}`;
  if (cause.code === 'EACCES') {
    return new CamboxError('not_writable', {
      verb: 'ask',
      thing,
      reason: 'this user may not use the socket',
      remedy: 'Join the group cambox (usermod -aG cambox USER, then log in again), or use sudo',
      cause,
    });
  }
  if (isNoListener(cause.code)) {
    return new CamboxError('not_found', {
      verb: 'ask',
      thing,
      reason: cause.code === 'ENOENT' ? 'there is no such socket' : 'nobody listens there any more',
      remedy: 'See why it does not run: systemctl status cambox',
      cause,
    });
  }
  return new CamboxError('network', { verb: 'ask', thing, reason: cause.message, cause });
}

const hangs = (path: string, silentMs: number): CamboxError =>
  new CamboxError('timed_out', {
    verb: 'ask',
    thing: `the daemon at ${path}`,
    reason: `it has not answered for ${silentMs / 1000} s: it hangs, or the machine is overloaded`,
    remedy: 'See journalctl -u cambox; systemctl restart cambox ends what hangs',
  });

const hungUp = (path: string): CamboxError =>
  new CamboxError('interrupted', {
    verb: 'finish',
    thing: `the request to the daemon at ${path}`,
    reason: 'it hung up before it answered (it stopped, or it has 16 clients already)',
    remedy: 'Try again; see journalctl -u cambox',
  });

const notCambox = (path: string): CamboxError =>
  new CamboxError('bad_input', {
    verb: 'ask',
    thing: `the daemon at ${path}`,
    reason: 'it does not answer as cambox does',
  });
