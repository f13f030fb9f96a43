import { isDeepStrictEqual } from 'node:util';
import type { Camera, Config } from '../config/config.ts';

/** What a running box has to do to follow a new config. */
export interface ConfigDiff {
  /** The new config, as far as it holds before a restart. */
  readonly config: Config;
  /** Cameras that are gone or changed: to be stopped. */
  readonly stop: readonly string[];
  /** Cameras that are new or changed: to be started. */
  readonly start: readonly Camera[];
  readonly mqttChanged: boolean;
  /** What takes effect at the next start of the daemon only. */
  readonly needRestart: readonly BuiltOnce[];
}

/** Top-level groups of which parts of the process are built once. */
const GROUPS = ['box', 'frames', 'control', 'health', 'log'] as const;
/** Cameras, catalogue, telemetry and health have to be in the same folder. */
const RECORD_DIR = 'record.dir';

const BUILT_ONCE = [...GROUPS, RECORD_DIR] as const;

export type BuiltOnce = (typeof BUILT_ONCE)[number];

const pick = (config: Config, key: BuiltOnce): unknown => (key === RECORD_DIR ? config.record.dir : config[key]);

/** `next`, with what cannot change before a restart as it is in `running`. */
const keepBuiltOnce = (next: Config, running: Config): Config => ({
  ...next,
  ...(Object.fromEntries(GROUPS.map((group) => [group, running[group]])) as Partial<Config>),
  record: { ...next.record, dir: running.record.dir },
});

export function diffConfigs(from: Config, wanted: Config): ConfigDiff {
  const to = keepBuiltOnce(wanted, from);
  const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);
  const before = new Map(from.cameras.map((camera) => [camera.id, camera]));
  const after = new Map(to.cameras.map((camera) => [camera.id, camera]));
  // a camera is given these at birth
  const common = !same(from.record, to.record) || !same(from.recovery, to.recovery);
  const changed = (id: string): boolean => common || !same(before.get(id), after.get(id));
  return {
    config: to,
    stop: [...before.keys()].filter(changed),
    start: to.cameras.filter(({ id }) => changed(id)),
    mqttChanged: !same(from.mqtt, to.mqtt),
    needRestart: BUILT_ONCE.filter((key) => !same(pick(from, key), pick(wanted, key))),
  };
}
