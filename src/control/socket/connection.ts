import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { Box } from '../box.ts';
import type { CommandExecutor } from '../executor.ts';
import { parseJsonBytes } from '../json-bytes.ts';
import { MAX_REQUEST_BYTES } from '../request.ts';
import { isRequestId } from '../request-id.ts';
import type { Requester } from '../requester.ts';
import { type CommandResponse, errorBody, isFinal } from '../response.ts';
import { LineReader } from './line-reader.ts';
import { boxStatus, STATUS_QUERY } from './status-query.ts';

/** A client that lets so much of its answers lie is cut off. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

export interface ConnectionDeps {
  readonly box: Box;
  readonly executor: CommandExecutor;
  readonly clock: Clock;
}

/**
 * Serve one client of the local socket: JSON lines `{"id"?,"cmd","args"?,"ttl_ms"?,"by"?}` in, responses as lines out.
 * Commands go on when the client leaves; their answers then go nowhere.
 */
export function serveConnection(socket: Socket, deps: ConnectionDeps): void {
  const reader = new LineReader(MAX_REQUEST_BYTES);
  const send = (response: CommandResponse, more: object = {}): void => {
    if (!socket.writable) return;
    socket.write(`${JSON.stringify({ ...response, ...more })}\n`);
    if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
  };
  socket.on('data', (chunk) => {
    for (const line of reader.push(chunk)) handleLine(line, send, deps);
  });
  socket.on('error', () => socket.destroy()); // the client has gone: nobody is left to be told
}

type Send = (response: CommandResponse, more?: object) => void;

function handleLine(line: Uint8Array | undefined, send: Send, deps: ConnectionDeps): void {
  const answer = (id: string, parts: Omit<CommandResponse, 'id' | 'duplicate' | 'ts'>): void =>
    send({ id, duplicate: false, ts: new Date(deps.clock.wall()).toISOString(), ...parts });
  const request = line === undefined ? TOO_LONG : parseLine(line);
  if (request instanceof CamboxError) {
    answer('', { status: 'rejected', error: errorBody(request) });
    return;
  }
  const { id, name, payload } = request;
  if (name === STATUS_QUERY) {
    try {
      answer(id, { status: 'succeeded', result: boxStatus(deps.box) });
    } catch (failure) {
      answer(id, { status: 'failed', error: errorBody(asCamboxError(failure, 'answer', STATUS_QUERY)) });
    }
    return;
  }
  void deps.executor.submit({ id, name, payload, retained: false, live: true, expiresInS: undefined }, requester(send));
}

/** A picture asked for over the socket comes inside the final response, as `result.jpeg_base64`. */
function requester(send: Send): Requester {
  let jpeg: Uint8Array | undefined;
  return {
    door: 'socket',
    respond(response) {
      if (jpeg === undefined || !isFinal(response.status)) {
        send(response);
        return;
      }
      const base64 = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.length).toString('base64');
      send(response, { result: { ...(response.result as object), jpeg_base64: base64 } });
    },
    deliverJpeg(_camera, bytes) {
      jpeg = bytes;
    },
  };
}

interface LineRequest {
  readonly id: string;
  readonly name: string;
  /** The request without `id` and `cmd`: what stands in an MQTT payload. */
  readonly payload: Uint8Array;
}

function parseLine(line: Uint8Array): LineRequest | CamboxError {
  const json = parseJsonBytes(line);
  if (!json.ok) return refuse('bad_json', json.reason);
  if (typeof json.value !== 'object' || json.value === null || Array.isArray(json.value)) {
    return refuse('bad_schema', 'it is no object', '');
  }
  const { id = randomUUID(), cmd, ...rest } = json.value as Record<string, unknown>;
  if (typeof id !== 'string' || !isRequestId(id)) {
    return refuse('bad_schema', 'id must be 1 to 64 characters A-Z a-z 0-9 _ . : -', '/id');
  }
  if (typeof cmd !== 'string') return refuse('bad_schema', 'cmd must name a command', '/cmd');
  return { id, name: cmd, payload: Buffer.from(JSON.stringify(rest)) };
}

const refuse = (code: 'bad_json' | 'bad_schema', reason: string, pointer?: string): CamboxError =>
  new CamboxError(code, { verb: 'run', thing: 'the request', reason, remedy: EXAMPLE }, pointer);

const EXAMPLE = 'One JSON object per line, such as {"cmd":"snapshot","args":{"camera":"front"}}';

const TOO_LONG = new CamboxError('too_large', {
  verb: 'run',
  thing: 'the request',
  reason: `the line is longer than ${MAX_REQUEST_BYTES} bytes`,
});
