import { isDeepStrictEqual } from 'node:util';
import type { Camera, Config } from '../config/config.ts';

/** What a running box has to do to follow a new config. */
export interface ConfigDiff {
  /** Cameras that are gone or changed: to be stopped. */
  readonly stop: readonly string[];
  /** Cameras that are new or changed: to be started. */
  readonly start: readonly Camera[];
  readonly mqttChanged: boolean;
  /** Top-level groups whose change takes effect at the next start of the daemon only. */
  readonly needRestart: readonly BuiltOnce[];
}

/** Parts of the process that are built once. */
const BUILT_ONCE = ['box', 'frames', 'control', 'health', 'log'] as const;

export type BuiltOnce = (typeof BUILT_ONCE)[number];

/** `next`, with the groups that cannot change before a restart as they are in `running`. */
export const keepGroups = (next: Config, running: Config, groups: readonly BuiltOnce[]): Config => ({
  ...next,
  ...(Object.fromEntries(groups.map((group) => [group, running[group]])) as Partial<Config>),
});

export function diffConfigs(from: Config, to: Config): ConfigDiff {
  const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);
  const before = new Map(from.cameras.map((camera) => [camera.id, camera]));
  const after = new Map(to.cameras.map((camera) => [camera.id, camera]));
  // a camera is given these at birth
  const common = !same(from.record, to.record) || !same(from.recovery, to.recovery);
  const changed = (id: string): boolean => common || !same(before.get(id), after.get(id));
  return {
    stop: [...before.keys()].filter(changed),
    start: to.cameras.filter(({ id }) => changed(id)),
    mqttChanged: !same(from.mqtt, to.mqtt),
    needRestart: BUILT_ONCE.filter((key) => !same(from[key], to[key])),
  };
}
