import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

/**
 * Perl is part of every Debian, Node has no AF_UNIX datagram sockets, and socat would keep the file descriptor that
 * systemd-notify sends along to learn when its message has been read.
 */
const PROGRAM = `
  use Socket; $| = 1;
  socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die $!;
  bind($s, sockaddr_un($ARGV[0])) or die $!;
  while (defined recv($s, my $datagram, 65536, 0)) { print "$datagram\\n\\n"; }
`;

/** Stands in systemd's place at the other end of NOTIFY_SOCKET: a real AF_UNIX datagram socket. */
export interface NotifyReceiver extends AsyncDisposable {
  readonly path: string;
  /** Waits until what has been received, datagrams parted by empty lines, contains the text. */
  receives(text: string): Promise<void>;
  text(): string;
}

export async function startNotifyReceiver(): Promise<NotifyReceiver> {
  const folder = await mkdtemp(join(tmpdir(), 'cambox-notify-'));
  const path = join(folder, 'notify');
  const child = spawn('perl', ['-e', PROGRAM, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'close');
  let text = '';
  child.stdout.on('data', (bytes) => {
    text += String(bytes);
  });
  await until('the receiver listens', () => existsSync(path));
  return {
    path,
    text: () => text,
    receives: (wanted) =>
      until(`received ${JSON.stringify(wanted)}, not only ${JSON.stringify(text)}`, () => text.includes(wanted)),
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
