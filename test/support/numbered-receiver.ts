import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFrameNumber } from '../../src/capture/synthetic/frame-number-code.ts';

/**
 * The real ffmpeg as an RTP receiver of a synthetic stream: decodes every picture and reads the frame number in it.
 * Dispose to end it.
 */
export class NumberedReceiver implements AsyncDisposable {
  /** The number in each picture, as they came; undefined where it could not be read. */
  readonly numbers: (number | undefined)[] = [];
  readonly #child: ChildProcess;
  readonly #width: number;
  readonly #height: number;
  readonly #plane: Buffer;
  readonly #exit: Promise<unknown>;
  #filled = 0;
  #complaints = '';

  constructor(sdpPath: string, width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#plane = Buffer.allocUnsafe(width * height);
    const input = ['-protocol_whitelist', 'file,udp,rtp', '-i', sdpPath];
    const output = ['-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', '-flush_packets', '1', '-'];
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
      this.numbers.push(readFrameNumber(this.#plane, this.#width, this.#height));
      this.#filled = 0;
    }
  }

  /** No more will be sent: ffmpeg shows what it still holds, and ends. */
  async finish(): Promise<void> {
    this.#child.kill('SIGINT');
    await this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}
