import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian installs the broker outside an ordinary user's PATH. */
const PLACES = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/usr/bin/mosquitto'];
const START_MS = 10_000;
const POLL_MS = 20;

export interface MosquittoOptions {
  /** A free one by default. */
  readonly port?: number;
  /** More lines for mosquitto.conf, such as `max_packet_size 2000`. */
  readonly conf?: readonly string[];
  /** Text of an ACL file. */
  readonly acl?: string;
  /** Line(s) of a password file as mosquitto_passwd writes them; without it everybody may connect. */
  readonly passwords?: string;
  /** PEM files for a TLS listener. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string; readonly requireClient: boolean };
}

/**
 * A private broker on a free loopback port, with its own folder and persistence, so that `restart` keeps sessions.
 * Dispose to end it.
 */
export interface Mosquitto extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Everything the broker has logged. */
  log(): string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const program = PLACES.find((place) => existsSync(place));
  if (program === undefined) throw new Error('mosquitto is missing: apt-get install mosquitto');
  const folder = await mkdtemp(join(tmpdir(), 'cambox-mosquitto-'));
  const port = options.port ?? (await freePort());
  const conf = join(folder, 'mosquitto.conf');
  await writeFile(conf, (await configLines(options, folder, port)).join('\n'));
  const output: string[] = [];
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const started = spawn(program, ['-v', '-c', conf], { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (bytes) => output.push(String(bytes)));
    await waitUntilItAccepts(port, started, output);
  };
  const stop = async (): Promise<void> => {
    const stopping = child;
    child = undefined;
    if (stopping === undefined || stopping.exitCode !== null) return;
    const gone = once(stopping, 'exit');
    stopping.kill('SIGTERM');
    await gone;
  };
  await start();
  return {
    port,
    url: `${options.tls === undefined ? 'mqtt' : 'mqtts'}://127.0.0.1:${port}`,
    log: () => output.join(''),
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A TCP port on loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function configLines(options: MosquittoOptions, folder: string, port: number): Promise<string[]> {
  const lines = [
    `listener ${port} 127.0.0.1`,
    'set_tcp_nodelay true',
    'persistence true',
    `persistence_location ${folder}/`,
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    `allow_anonymous ${options.passwords === undefined}`,
  ];
  if (options.acl !== undefined) {
    await writeFile(join(folder, 'acl'), options.acl, { mode: 0o600 });
    lines.push(`acl_file ${folder}/acl`);
  }
  if (options.passwords !== undefined) {
    await writeFile(join(folder, 'passwords'), options.passwords, { mode: 0o600 });
    lines.push(`password_file ${folder}/passwords`);
  }
  if (options.tls !== undefined) {
    const { ca, cert, key, requireClient } = options.tls;
    lines.push(`cafile ${ca}`, `certfile ${cert}`, `keyfile ${key}`, `require_certificate ${requireClient}`);
  }
  return [...lines, ...(options.conf ?? []), ''];
}

async function waitUntilItAccepts(port: number, child: ChildProcess, output: readonly string[]): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended at once: ${output.join('')}`);
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`mosquitto did not accept connections on port ${port}: ${output.join('')}`);
}

async function accepts(port: number): Promise<boolean> {
  const socket: Socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
