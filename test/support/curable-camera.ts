import assert from 'node:assert/strict';
import type { Clock } from '../../src/base/clock.ts';
import { CamboxError, type ErrorCode } from '../../src/base/errors.ts';
import { type FrameSource, newSourceCounts } from '../../src/capture/frame-source.ts';

/** What a test does to it, and what cambox does to it. */
export type Cure = 'open' | 'restart' | 'close' | 'reset_usb' | 'restart_service';

const DIES_AFTER_MS = 3000;
const error = (code: ErrorCode): CamboxError =>
  new CamboxError(code, { verb: 'capture from', thing: '/dev/test', reason: `the test says ${code}` });

/**
 * The world as the recovery of a camera sees it: faults appear, and go away by the cure that the test has chosen. Keeps
 * the order of what is done to it, and sees to it that no device is opened twice at the same time.
 */
export class CurableCamera {
  readonly done: Cure[] = [];
  /** What makes it well. Undefined: nothing does. */
  curedBy: Cure | undefined;
  /** It is plugged in. */
  there = true;
  /** What it throws instead of frames. Undefined: it is well. */
  fault: ErrorCode | undefined;
  /** What opening throws. */
  openFault: ErrorCode | undefined;
  /** What never comes back, until the USB reset. */
  hanging: Cure | undefined;
  usbRefusal: string | undefined;
  serviceRefusal: string | undefined;
  /** Devices that are open. */
  open = 0;
  /** Called for each frame. */
  onFrame: () => void = () => undefined;
  readonly #clock: Clock;
  #free = Promise.withResolvers<void>();
  #break = Promise.withResolvers<never>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#break.promise.catch(() => undefined);
  }

  /** It breaks now, while it streams. */
  fail(fault: ErrorCode): void {
    this.fault = fault;
    this.#break.reject(error(fault));
  }

  unplug(): void {
    this.there = false;
    this.#break.reject(error('device_lost'));
  }

  readonly isThere = async (): Promise<boolean> => this.there;

  readonly openSource = async (): Promise<FrameSource> => {
    await this.#do('open');
    if (!this.there) throw error('not_found');
    if (this.openFault !== undefined) throw error(this.openFault);
    if (this.open > 0) throw error('device_busy');
    this.open += 1;
    return {
      about: { kind: 'v4l2', source: '/dev/test', width: 64, height: 48, fps: 30 },
      counts: newSourceCounts(),
      frames: () => assert.fail('runFrames has them'),
      restart: () => this.#do('restart'),
      [Symbol.asyncDispose]: async () => {
        await this.#do('close');
        this.open -= 1;
      },
    };
  };

  readonly runFrames = async (_: FrameSource, signal: AbortSignal): Promise<void> => {
    const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    if (this.fault !== undefined) {
      await Promise.race([ended, this.#clock.sleep(DIES_AFTER_MS, signal)]);
      if (!signal.aborted) throw error(this.fault);
      return;
    }
    this.onFrame();
    this.#break = Promise.withResolvers<never>();
    this.#break.promise.catch(() => undefined);
    await Promise.race([ended, this.#break.promise]);
  };

  readonly resetUsb = async (): Promise<string | undefined> => {
    if (this.usbRefusal !== undefined) return this.usbRefusal;
    this.hanging = undefined;
    this.#free.resolve();
    await this.#do('reset_usb');
    return undefined;
  };

  readonly restartService = async (): Promise<string | undefined> => {
    if (this.serviceRefusal === undefined) await this.#do('restart_service');
    return this.serviceRefusal;
  };

  async #do(cure: Cure): Promise<void> {
    this.done.push(cure);
    if (this.hanging === cure) {
      this.#free = Promise.withResolvers();
      await this.#free.promise;
    }
    if (this.curedBy === cure) this.fault = undefined;
  }
}
