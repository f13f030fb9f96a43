import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';
import { freePort } from './mosquitto.ts';

export interface ScriptedBroker extends AsyncDisposable {
  readonly url: string;
  readonly received: Packet[];
  readonly connections: number;
}

const MQTT5 = { protocolVersion: 5 } as const;

/**
 * A broker that does what mosquitto cannot be made to do: the script answers each packet, or does not.
 */
export async function startScriptedBroker(
  script: (packet: Packet, send: (answer: Packet) => void) => void,
): Promise<ScriptedBroker> {
  const port = await freePort();
  const received: Packet[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    const packets = parser(MQTT5);
    packets.on('packet', (packet: Packet) => {
      received.push(packet);
      script(packet, (answer) => void socket.write(generate(answer, MQTT5)));
    });
    socket.on('data', (bytes) => packets.parse(bytes));
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mqtt://127.0.0.1:${port}`,
    received,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** CONNACK with these properties. */
export const connack = (properties: object = {}): Packet => ({
  cmd: 'connack',
  reasonCode: 0,
  sessionPresent: false,
  properties,
});

/** The answers of an ordinary broker, or undefined for what needs none. */
export function ordinaryAnswer(packet: Packet): Packet | undefined {
  switch (packet.cmd) {
    case 'connect':
      return connack();
    case 'subscribe':
      return { cmd: 'suback', messageId: packet.messageId!, granted: packet.subscriptions.map(() => 1) };
    case 'publish':
      return packet.qos === 1 ? { cmd: 'puback', messageId: packet.messageId!, reasonCode: 0 } : undefined;
    case 'pingreq':
      return { cmd: 'pingresp' };
    default:
      return undefined;
  }
}
