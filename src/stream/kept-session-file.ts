import { Backoff } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { type MonoUs, monoUs, usFromMs } from '../base/units.ts';
import { RareWarning } from './rare-warning.ts';
import type { RtpStream } from './rtp-stream.ts';
import { writeSessionFile } from './session-file.ts';

const RETRY = { firstMs: 1000, maxMs: 30_000 };

/** What is described: a stream, as far as its file needs to know it. */
export type DescribedStream = Pick<RtpStream, 'sdp' | 'sdpVersion' | 'isSecret'>;

/** The session file of a stream, written anew whenever the description changes, and again later where that failed. */
export class KeptSessionFile {
  readonly #path: string;
  readonly #stream: DescribedStream;
  readonly #clock: Clock;
  readonly #warning: RareWarning;
  readonly #retry = new Backoff(RETRY);
  /** Version of the description in the file; undefined when it has none of ours, or an old one. */
  #version: number | undefined;
  #isWriting = false;
  #notBefore: MonoUs = monoUs(0);
  /** The failure that was told last. */
  #told: string | undefined;

  constructor(path: string, stream: DescribedStream, deps: { readonly clock: Clock; readonly logger: Logger }) {
    this.#path = path;
    this.#stream = stream;
    this.#clock = deps.clock;
    this.#warning = new RareWarning('sdp_not_written', deps);
  }

  /** Write what has changed, if anything has. To be called after each frame; never waits, never throws. */
  follow(): void {
    const { sdpVersion, isSecret } = this.#stream;
    if (sdpVersion === this.#version || this.#isWriting || this.#clock.now() < this.#notBefore) return;
    const sdp = this.#stream.sdp({ withKey: true });
    if (sdp === undefined) return;
    this.#isWriting = true;
    void writeSessionFile(this.#path, sdp, isSecret)
      .then(
        () => this.#onWritten(sdpVersion),
        (failure: unknown) => this.#onFailed(String(failure)),
      )
      .finally(() => {
        this.#isWriting = false;
      });
  }

  #onWritten(version: number): void {
    this.#version = version;
    this.#retry.reset();
    this.#told = undefined;
  }

  #onFailed(error: string): void {
    const waitMs = this.#retry.nextMs();
    this.#notBefore = monoUs(this.#clock.now() + usFromMs(waitMs));
    const isNew = error !== this.#told;
    this.#told = error;
    const remedy = 'mend rtp.sdp_file';
    this.#warning.note(isNew, () => ({ path: this.#path, error, retry_ms: waitMs, remedy }));
  }
}
