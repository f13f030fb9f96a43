import type { Box } from '../box.ts';
import type { AnyCommand } from '../command.ts';
import { schemaHash } from '../registry.ts';
import { MAX_REQUEST_BYTES } from '../request.ts';
import type { OutMessage } from './broker-link.ts';
import type { Topics } from './topics.ts';

/** Version of topics and payloads: the `v1` of the topic tree. */
const API = 1;
/** A health report that is older says nothing: the broker drops it. */
const HEALTH_EXPIRY_S = 180;

/** What the box itself knows about the machine, for `birth`: plain JSON. */
export type Hardware = Readonly<Record<string, unknown>>;

export type StatusState = 'online' | 'offline' | 'lost';

const retained = (topic: string, body: unknown): OutMessage => ({ topic, payload: JSON.stringify(body), retain: true });

/** `ts` is missing from the will: it is written when we connect, and sent when we are gone. */
export const statusMessage = (topics: Topics, state: StatusState, ts: string | undefined): OutMessage =>
  retained(topics.status, { state, ts });

/** What this box is and can do: enough for a fleet server that has never seen it. */
export function birthMessage(
  topics: Topics,
  box: Box,
  commands: readonly AnyCommand[],
  hardware: Hardware,
  ts: string,
): OutMessage {
  return retained(topics.birth, {
    api: API,
    box: box.id,
    version: box.version,
    ts,
    hardware,
    cameras: Object.fromEntries(box.cameras().map((camera) => [camera.id, camera.describe()])),
    commands: Object.fromEntries(commands.map((command) => [command.name, schemaHash(command)])),
    limits: { request_bytes: MAX_REQUEST_BYTES },
  });
}

export const healthMessage = (topics: Topics, box: Box): OutMessage => ({
  ...retained(topics.health, box.health()),
  expiryS: HEALTH_EXPIRY_S,
});

export function cameraStateMessage(topics: Topics, box: Box, id: string, ts: string): OutMessage {
  const camera = box.camera(id);
  return retained(topics.cameraState(id), { ...camera.describe(), camera: id, state: camera.state, ts });
}

/** An alarm that is over has no content: the broker forgets it. */
export const alarmMessage = (topics: Topics, type: string, body: object | undefined): OutMessage =>
  body === undefined ? { topic: topics.alarm(type), payload: '', retain: true } : retained(topics.alarm(type), body);
