/** A time that can be told from another one after a restart: the wall clock may be set, the monotonic one ends with its boot. */
export interface Moment {
  /** The kernel's boot id. */
  readonly boot: string;
  readonly monoMs: number;
  readonly wallMs: number;
}

/** How long `then` was before `now`: exact within a boot; over one, as far as the wall clocks can be believed. Not negative. */
export function ageMs(then: Moment, now: Moment): number {
  const sameBoot = then.boot === now.boot;
  return Math.max(0, sameBoot ? now.monoMs - then.monoMs : now.wallMs - then.wallMs);
}
