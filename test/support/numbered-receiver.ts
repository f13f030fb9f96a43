import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type CodePlace, codeHeight, codePlace, readCode } from '../../src/capture/synthetic/frame-number-code.ts';

/** ffmpeg ends within moments of a goodbye; one that missed it is killed, and has complaints or too few numbers. */
const FINISH_LIMIT_MS = 30_000;

/**
 * The real ffmpeg as an RTP receiver of a synthetic stream: decodes every picture, and hands over the rows with the
 * frame number (whole pictures through a pipe would hold it up, and its socket's buffer would overflow).
 * Dispose to end it.
 */
export class NumberedReceiver implements AsyncDisposable {
  /** The number in each picture, as they came; undefined where it could not be read. */
  readonly numbers: (number | undefined)[] = [];
  readonly #child: ChildProcess;
  readonly #width: number;
  readonly #place: CodePlace;
  readonly #plane: Buffer;
  readonly #exit: Promise<unknown>;
  #filled = 0;
  #complaints = '';

  constructor(sdpPath: string, width: number, height: number) {
    this.#width = width;
    const place = codePlace(width, height);
    if (place === undefined) throw new Error(`no frame number fits into ${width}x${height}`);
    this.#place = place;
    const rows = codeHeight(place);
    this.#plane = Buffer.allocUnsafe(width * rows);
    const input = ['-protocol_whitelist', 'file,udp,rtp', '-i', sdpPath];
    const crop = ['-vf', `crop=${width}:${rows}:0:${place.top}`];
    const output = [
      ...crop,
      '-fps_mode',
      'passthrough',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'gray',
      '-flush_packets',
      '1',
      '-',
    ];
    this.#child = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-threads', '1', ...input, ...output], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exit = once(this.#child, 'close');
    this.#child.stdout?.on('data', (bytes: Buffer) => this.#take(bytes));
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      this.#complaints = (this.#complaints + bytes).slice(-4096);
    });
  }

  /** ffmpeg's last words. */
  get complaints(): string {
    return this.#complaints;
  }

  #take(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      const copied = bytes.copy(this.#plane, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled < this.#plane.length) return;
      this.numbers.push(readCode(this.#plane, this.#width, this.#place));
      this.#filled = 0;
    }
  }

  /**
   * No more will be sent: an RTCP BYE (RFC 3550 §6.6) lets ffmpeg show what it still holds, and end.
   *
   * @param rtpPort where it receives; RTCP goes to the next one
   */
  async finish(rtpPort: number): Promise<void> {
    const emptyReport = [0x80, 201, 0, 1, 0, 0, 0, 0]; // a compound packet begins with a report (RFC 3550 §6.1)
    const bye = Buffer.from([...emptyReport, 0x81, 203, 0, 1, 0, 0, 0, 0]);
    const socket = createSocket('udp4');
    socket.send(bye, rtpPort + 1, '127.0.0.1', () => socket.close());
    const limit = setTimeout(() => this.#giveUp(), FINISH_LIMIT_MS);
    await this.#exit;
    clearTimeout(limit);
  }

  #giveUp(): void {
    this.#complaints += `\nkilled: it did not end within ${FINISH_LIMIT_MS} ms of the goodbye`;
    this.#child.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}
