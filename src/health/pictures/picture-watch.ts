import type { CameraWarning } from '../../base/camera-state.ts';
import { type MonoUs, usFromMs } from '../../base/units.ts';
import type { Frame } from '../../frame/frame.ts';
import { FrozenDetector } from './frozen-detector.ts';
import { ScanInspector } from './scan-inspector.ts';

export interface PictureLimits {
  /** So long the same picture is `frozen`; 0: never. */
  readonly frozenAfterMs: number;
  /** So long black or one colour is `dark`; 0: never. */
  readonly darkAfterMs: number;
  /** So long nothing but pictures that cannot be decoded is a fault. */
  readonly corruptAfterMs: number;
  /** Whether `frozen` is a fault, and not a warning only. */
  readonly isFrozenFault: boolean;
}

/** Why the camera has to be cured although it streams: the codes of errors. */
export type PictureFault = 'pictures_corrupt' | 'pictures_frozen';

/**
 * Watches over what a camera's pictures show, as a camera that sends nonsense must not look healthy. `onWarnings` is
 * called when the warnings change.
 */
export class PictureWatch {
  readonly #limits: PictureLimits;
  readonly #onWarnings: () => void;
  readonly #inspector = new ScanInspector();
  #frozen: FrozenDetector;
  #darkSince: MonoUs | undefined;
  #warnings: readonly CameraWarning[] = [];

  constructor(limits: PictureLimits, onWarnings: () => void) {
    this.#limits = limits;
    this.#onWarnings = onWarnings;
    this.#frozen = new FrozenDetector(limits.frozenAfterMs);
  }

  get warnings(): readonly CameraWarning[] {
    return this.#warnings;
  }

  /** Pictures looked into since the start, and those of them that cannot be decoded. */
  get counts(): ScanInspector['counts'] {
    return this.#inspector.counts;
  }

  /** The next frame is of another source, or of one that was cured: what was odd is forgotten. Tells nobody. */
  begin(): void {
    this.#frozen = new FrozenDetector(this.#limits.frozenAfterMs);
    this.#inspector.begin();
    this.#darkSince = undefined;
    this.#warnings = [];
  }

  /** Look at a frame; about a microsecond for all but a few. Returns what must be cured now. */
  look(frame: Frame): PictureFault | undefined {
    const { frozenAfterMs, darkAfterMs, corruptAfterMs, isFrozenFault } = this.#limits;
    const isFrozen = frozenAfterMs > 0 && this.#frozen.note(frame);
    this.#inspector.look(frame);
    const { isDark, record, counts } = this.#inspector;
    const now = frame.arrivedAt;
    this.#darkSince = isDark ? (this.#darkSince ?? now) : undefined;
    this.#warn(isFrozen, darkAfterMs > 0 && hasLasted(this.#darkSince, now, darkAfterMs), record.isOften);
    // a decoder that is too strict for a camera would find all its pictures corrupt: no reason to restart anything
    const wasEverSound = counts.inspected > counts.corrupt;
    if (wasEverSound && record.isBroken(now, corruptAfterMs)) return 'pictures_corrupt';
    return isFrozen && isFrozenFault ? 'pictures_frozen' : undefined;
  }

  #warn(isFrozen: boolean, isDark: boolean, isCorrupt: boolean): void {
    const before = this.#warnings;
    const isSame =
      before.includes('frozen') === isFrozen &&
      before.includes('dark') === isDark &&
      before.includes('corrupt') === isCorrupt;
    if (isSame) return;
    this.#warnings = [
      ...(isCorrupt ? (['corrupt'] as const) : []),
      ...(isFrozen ? (['frozen'] as const) : []),
      ...(isDark ? (['dark'] as const) : []),
    ];
    this.#onWarnings();
  }
}

const hasLasted = (since: MonoUs | undefined, now: MonoUs, ms: number): boolean =>
  since !== undefined && now - since >= usFromMs(ms);
