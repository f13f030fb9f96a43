import { isRequestId } from '../request-id.ts';

/** Topic names of one box (docs/mqtt.md). */
export interface Topics {
  readonly status: string;
  readonly birth: string;
  readonly health: string;
  /** What the box subscribes to. */
  readonly commands: string;
  cameraState(camera: string): string;
  snapshot(camera: string): string;
  readonly telemetry: string;
  readonly telemetryBatch: string;
  event(type: string): string;
  alarm(type: string): string;
  response(command: string, id: string): string;
  /** Command name and request id of a topic below `cmd/`; undefined when it is none, or the id is none of ours. */
  parseCommand(topic: string): { readonly name: string; readonly id: string } | undefined;
  /** The requester's own response topic, if it lies below this box's `res/`; a box writes nowhere else. */
  allowedResponse(topic: string | undefined): string | undefined;
}

const COMMAND_NAME = /^[a-z][a-z0-9_.]{0,63}$/;
const RESPONSE_TOPIC = /^[^#+\p{Cc}]{1,256}$/u;

export function topicsOf(box: string): Topics {
  const base = `cambox/v1/${box}`;
  return {
    status: `${base}/status`,
    birth: `${base}/birth`,
    health: `${base}/health`,
    commands: `${base}/cmd/+/+`,
    telemetry: `${base}/telemetry`,
    telemetryBatch: `${base}/telemetry/batch`,
    cameraState: (camera) => `${base}/cam/${camera}/state`,
    snapshot: (camera) => `${base}/cam/${camera}/snapshot`,
    event: (type) => `${base}/event/${type}`,
    alarm: (type) => `${base}/alarm/${type}`,
    response: (command, id) => `${base}/res/${command}/${id}`,
    parseCommand(topic) {
      if (!topic.startsWith(`${base}/cmd/`)) return undefined;
      const [name, id, ...more] = topic.slice(base.length + '/cmd/'.length).split('/');
      if (name === undefined || id === undefined || more.length > 0) return undefined;
      return COMMAND_NAME.test(name) && isRequestId(id) ? { name, id } : undefined;
    },
    allowedResponse: (topic) => (topic?.startsWith(`${base}/res/`) && RESPONSE_TOPIC.test(topic) ? topic : undefined),
  };
}
