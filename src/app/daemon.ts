import { asCamboxError } from '../base/errors.ts';
import { ResourceStack } from '../base/resource-stack.ts';
import { within } from '../base/within.ts';
import type { Camera, Config } from '../config/config.ts';
import { CommandExecutor } from '../control/executor.ts';
import { COMMANDS } from '../control/registry.ts';
import { openSocketDoor } from '../control/socket/socket-door.ts';
import { FrameArena } from '../frame/frame-arena.ts';
import type { WatchdogDecision } from '../health/watchdog.ts';
import type { ClipResult } from '../record/clip/clip.ts';
import type { EncoderDesk } from '../record/encoders/encoder-desk.ts';
import { ensureWritableDirectory } from '../record/record-directory.ts';
import { newCname } from '../stream/cname.ts';
import { type Notifier, openNotifier } from '../systemd/notifier.ts';
import { HotplugWatch } from '../v4l2/hotplug-watch.ts';
import { readBootId } from './boot-id.ts';
import { BoxState } from './box-state.ts';
import { CamboxBox } from './cambox-box.ts';
import type { CameraUnit } from './camera/camera-unit.ts';
import { composeCamera } from './compose.ts';
import { diffConfigs } from './config-diff.ts';
import type { DaemonDeps } from './daemon-deps.ts';
import { StoredClipEditor } from './editing/clip-editor.ts';
import { AlarmBoard } from './fleet/alarm-board.ts';
import { Announcer } from './fleet/announcer.ts';
import { ControlState } from './fleet/control-state.ts';
import { type BrokerDeps, openBroker } from './fleet/open-broker.ts';
import { HealthDesk } from './health-desk.ts';
import { Children } from './jobs/children.ts';
import { encoderChecks, openEncoders } from './open-encoders.ts';
import { openRestartBudget, type RestartBudget } from './recovery/restart-budget.ts';
import { ServiceRestart } from './recovery/service-restart.ts';
import { WatchdogFeeder } from './recovery/watchdog-feeder.ts';
import { SettledMemory } from './settled-memory.ts';
import type { ClipShelf } from './shelf/clip-shelf.ts';
import { makeShelf } from './shelf/open-shelf.ts';
import { makeTelemetry } from './telemetry/make-telemetry.ts';
import type { TelemetryDesk } from './telemetry/telemetry-desk.ts';
import { VERSION } from './version.ts';

const MEBIBYTE = 1024 * 1024;
/** A camera that says nothing for so long does not keep the service from being ready. */
const VERDICT_MS = 10_000;
/** Jobs do not wait for ever for a catalogue that cannot be opened. */
const RECONCILED_MS = 300_000;

/**
 * The daemon: runs until the signal is aborted. Throws `in_use` when another daemon has the control socket, and
 * `bad_config`, `not_writable`, `missing_library` for what cannot be mended while it runs. Everything else (no camera, no broker, no
 * ffmpeg) it reports and lives with.
 */
export async function runDaemon(config: Config, deps: DaemonDeps): Promise<void> {
  await using daemon = await Daemon.open(config, deps);
  await daemon.untilStopped();
}

/** What is opened before the daemon is made; it closes them. */
interface DaemonParts {
  readonly arena: FrameArena;
  readonly hotplug: HotplugWatch;
  readonly children: Children;
  readonly health: HealthDesk;
  readonly restarts: RestartBudget;
  readonly encoders: EncoderDesk;
  readonly bootId: string;
  readonly state: BoxState;
}

class Daemon implements AsyncDisposable {
  readonly #deps: DaemonDeps;
  readonly #box: CamboxBox;
  readonly #notifier: Notifier;
  readonly #announcer: Announcer;
  readonly #executor: CommandExecutor;
  readonly #health: HealthDesk;
  readonly #children: Children;
  readonly #editor: StoredClipEditor;
  readonly #restarts: RestartBudget;
  readonly #shelf: ClipShelf;
  readonly #telemetry: TelemetryDesk;
  readonly #state: BoxState;
  readonly #control: ControlState;
  readonly #alarms: AlarmBoard;
  readonly #brokerDeps: BrokerDeps;
  readonly #closers = new ResourceStack();
  #config: Config;
  /** Reloads run one after the other. */
  #reloading: Promise<void> = Promise.resolve();

  static async open(config: Config, deps: DaemonDeps): Promise<Daemon> {
    const { clock, logger, env } = deps;
    const arena = new FrameArena(config.frames.memory_mb * MEBIBYTE);
    // made before health looks at its disk; what is wrong with it, each recorder says
    await ensureWritableDirectory(config.record.dir).catch(() => undefined);
    const state = await BoxState.open({ stateDirectories: env['STATE_DIRECTORY'], clock, logger });
    const bootId = await readBootId();
    const children = await Children.open({ config, env, database: state.database, bootId, clock, logger });
    const health = await HealthDesk.open({ config, arena, children, clock, logger });
    const hotplug = HotplugWatch.open((folder, reason) =>
      logger.warn('hotplug_not_watched', { folder, error: String(reason), instead: 'looks for cameras every 2 s' }),
    );
    const restarts = await openRestartBudget(env['STATE_DIRECTORY'], clock);
    const encoders = openEncoders(config.record, env['STATE_DIRECTORY'], {
      ...{ children, database: state.database, clock, logger },
    });
    void encoders.prepare(); // clips are copied until it is done
    const daemon = new Daemon(config, deps, { arena, hotplug, children, health, restarts, encoders, bootId, state });
    try {
      await daemon.#start();
    } catch (failure) {
      await daemon[Symbol.asyncDispose]();
      throw failure;
    }
    return daemon;
  }

  private constructor(config: Config, deps: DaemonDeps, parts: DaemonParts) {
    const { arena, hotplug, children, health, restarts, encoders, bootId, state } = parts;
    const { clock, logger, env } = deps;
    this.#config = config;
    this.#deps = deps;
    this.#notifier = openNotifier(env, logger);
    const cameras = () => this.#box.cameras();
    this.#announcer = new Announcer({
      ...{ notifier: this.#notifier, cameras },
      hasBroker: () => this.#config.mqtt.url !== '',
      openMqtt: (mqtt) => openBroker(mqtt, this.#brokerDeps),
    });
    const events = {
      onState: (camera: CameraUnit) => this.#announcer.cameraState(camera),
      onWarnings: (camera: CameraUnit) => this.#announcer.cameraWarnings(camera),
      onStage: (camera: CameraUnit) => this.#announcer.cameraStage(camera),
      onClip: (result: ClipResult) => {
        this.#shelf.add(result);
        this.#announcer.clip(result);
      },
    };
    this.#restarts = restarts;
    this.#state = state;
    const control = new ControlState(state.database, { clock, logger });
    this.#control = control;
    this.#children = this.#closers.use(children);
    for (const part of [hotplug, new SettledMemory(clock), encoders]) this.#closers.use(part);
    const clockSynced = () => health.clockSynced;
    this.#shelf = this.#closers.use(
      makeShelf({
        ...{ bootId, clock, logger, clockSynced },
        config: () => this.#config,
        cameras,
        tell: (type, body) => this.#announcer.event(type, body),
      }),
    );
    const told = { db: state.database, announcer: this.#announcer, readings: () => health.readings };
    this.#telemetry = this.#closers.use(makeTelemetry({ ...told, config: () => this.#config, clock, logger, cameras }));
    const restart = new ServiceRestart(this.#notifier, restarts, logger);
    const credentialsDirectory = env['CREDENTIALS_DIRECTORY'];
    const common = {
      ...{ arena, children, clock, logger, events, hotplug, encoders },
      origin: { box: config.box.id, bootId, clockSynced },
      noRoom: () => this.#shelf.refusal(),
      cname: newCname(Math.random),
      credentialsDirectory,
      restartService: (reason: string) => restart.request(reason),
      othersStream: (id: string) => this.#box.cameras().some((other) => other.id !== id && other.state === 'streaming'),
    };
    const makeCamera = (camera: Camera): CameraUnit => {
      const { record, recovery } = this.#config;
      return composeCamera(camera, { ...common, record, recovery });
    };
    this.#health = this.#closers.use(health);
    const checked = [this.#shelf, this.#telemetry, state, control];
    const checks = () => [...encoderChecks(encoders), ...checked.flatMap((part) => part.checks())];
    const others = () => ({ checks: checks(), leastFreeBytes: this.#shelf.leastFreeBytes });
    const makeHealth = (cameras: readonly CameraUnit[]) =>
      health.report(cameras, this.#announcer.broker, {
        ...{ ...others(), catalog: this.#shelf.report(), hoursLeft: this.#shelf.hoursLeft },
        ...{ session: control.session, spool: this.#announcer.spool },
      });
    this.#alarms = new AlarmBoard({
      ...{ db: state.database, clock, logger },
      checks: () => health.checks(cameras(), this.#announcer.broker, others()),
      onChange: (type) => this.#announcer.alarm(type),
    });
    this.#editor = new StoredClipEditor({
      ...{ caps: children.caps, clock, origin: common.origin, shelf: this.#shelf },
      record: () => this.#config.record,
      exporting: () => ({ place: this.#config.export, self: deps.self, credentialsDirectory }),
      archive: () => this.#shelf.archive,
    });
    const uses = {
      ...{ jobs: children.queue, pastJobs: children.ledger, archive: this.#shelf },
      ...{ editor: this.#editor, telemetry: this.#telemetry },
    };
    this.#box = new CamboxBox({ id: config.box.id, version: VERSION }, uses, makeCamera, makeHealth);
    this.#executor = new CommandExecutor(COMMANDS, this.#box, { clock, logger, journal: control.journal });
    this.#brokerDeps = {
      ...{ process: deps, health, control, alarms: this.#alarms },
      ...{ box: this.#box, executor: this.#executor },
    };
  }

  async #start(): Promise<void> {
    const { clock, logger, signal } = this.#deps;
    const config = this.#config;
    logger.info('starting', { version: VERSION, box: config.box.id, pid: process.pid, cameras: config.cameras.length });
    this.#notifier.status('starting');
    const resumeJobs = await this.#children.restoreJobs({
      logger,
      remake: (order) => this.#editor.remake(order),
      tell: (type, body) => this.#announcer.event(type, body),
    });
    const interrupted = this.#control.interrupted();
    // the socket first: a second daemon must not touch the cameras and commands of the first
    const door = await openSocketDoor(config.control.socket, {
      box: this.#box,
      executor: this.#executor,
      clock,
      logger,
    });
    this.#closers.use(door);
    await this.#control.begin(interrupted);
    void this.#editor.prepare(logger);
    this.#closers.defer(() => this.#box[Symbol.asyncDispose]());
    await this.#shelf.start();
    this.#telemetry.start();
    for (const camera of config.cameras) this.#box.startCamera(camera);
    await this.#announcer.useBroker(config.mqtt);
    void within(clock, RECONCILED_MS, this.#shelf.reconciled).then(resumeJobs);
    this.#closers.use(this.#deps.onReload(() => this.#queueReload()));
    const verdicts = Promise.all(this.#box.cameras().map((camera) => camera.verdict));
    const enough = new AbortController();
    await Promise.race([verdicts, clock.sleep(VERDICT_MS, AbortSignal.any([signal, enough.signal]))]);
    enough.abort();
    this.#notifier.ready();
    this.#announcer.status();
    this.#feedWatchdog();
    this.#closers.use(this.#alarms).begin(this.#control.session === 1);
    logger.info('ready', { cameras: Object.fromEntries(this.#box.cameras().map(({ id, state }) => [id, state])) });
  }

  async untilStopped(): Promise<void> {
    const { signal } = this.#deps;
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
  }

  #feedWatchdog(): void {
    const { clock, logger } = this.#deps;
    const decide = (): WatchdogDecision => this.#health.watchdog(this.#box.cameras());
    const budget = this.#restarts;
    this.#closers.use(new WatchdogFeeder({ notifier: this.#notifier, budget, clock, logger, decide }));
  }

  #queueReload(): void {
    this.#reloading = this.#reloading.then(() => this.#reload());
  }

  /** Follow a new config as far as that goes without a restart. One that cannot be used changes nothing. */
  async #reload(): Promise<void> {
    const { clock, logger, signal } = this.#deps;
    if (signal.aborted) return;
    this.#notifier.reloading(clock.now());
    try {
      const next = this.#deps.loadConfig();
      const { config: followed, stop, start, mqttChanged, needRestart } = diffConfigs(this.#config, next);
      this.#config = followed;
      await Promise.all(stop.map((id) => this.#box.stopCamera(id)));
      this.#children.configure(this.#config);
      for (const camera of start) this.#box.startCamera(camera);
      this.#announcer.cameraList(stop.filter((id) => !start.some((camera) => camera.id === id)));
      if (mqttChanged) await this.#announcer.useBroker(this.#config.mqtt);
      logger.info('reloaded', {
        stopped: stop,
        started: start.map(({ id }) => id),
        mqtt: mqttChanged,
        need_restart: needRestart,
      });
    } catch (thrown) {
      const error = asCamboxError(thrown, 'reload', 'the config');
      logger.error('reload_refused', { code: error.code, error: error.message, kept: 'the running config' });
    }
    this.#notifier.ready();
    this.#announcer.status();
  }

  /** Commands are told to finish, clips are finalised, `offline` is said last. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { logger, signal } = this.#deps;
    logger.info('stopping', { reason: String(signal.reason?.message ?? 'the end') });
    this.#notifier.stopping();
    await this.#reloading;
    await this.#executor[Symbol.asyncDispose]();
    await this.#closers[Symbol.asyncDispose]();
    await this.#announcer.closeBroker();
    await this.#state[Symbol.asyncDispose](); // last: all of them still write to it
    logger.info('stopped');
  }
}
