import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { StateDatabase } from '../../catalog/memory-database.ts';
import type { Config } from '../../config/config.ts';
import type { Check } from '../../health/checks.ts';
import { readConditions } from '../../jobs/conditions.ts';
import { JobQueue } from '../../jobs/job-queue.ts';
import { CgroupCaps } from '../../record/memory/cgroup-caps.ts';
import type { MemoryCaps } from '../../record/memory/memory-caps.ts';
import { PolledCaps } from '../../record/memory/polled-caps.ts';
import { warmLibraries } from '../../record/memory/warm-libraries.ts';
import { Delegation, type DelegationRefusal } from '../../systemd/cgroup/delegation.ts';
import { childrenBudget } from './children-budget.ts';
import { CostKeeper } from './cost-keeper.ts';
import { JobLedger } from './job-ledger.ts';
import { type RestoreDeps, restoreJobs } from './restore-jobs.ts';

export interface ChildrenOptions {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  /** `state.db`, if there is one. */
  readonly database: StateDatabase | undefined;
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How the service gets control groups for its children. */
  readonly delegate?: () => Promise<Delegation | DelegationRefusal>;
}

export interface RestoreParts extends Pick<RestoreDeps, 'remake' | 'logger'> {
  /** Say outside what happened: `job.finished`. */
  tell(event: string, body: Readonly<Record<string, unknown>>): void;
}

/** What all ffmpeg children of the box have in common: their memory caps, and the queue that says who may run. */
export class Children implements AsyncDisposable {
  readonly queue: JobQueue;
  readonly ledger: JobLedger;
  readonly caps: MemoryCaps;
  readonly #keeper: CostKeeper;
  readonly #refusal: DelegationRefusal | undefined;
  readonly #underSystemd: boolean;

  static async open(options: ChildrenOptions): Promise<Children> {
    const { config, env, clock, logger, database, bootId, delegate = () => Delegation.open() } = options;
    const keeper = new CostKeeper({ database, clock, logger });
    const { costs } = keeper;
    const ledger = new JobLedger({ database, bootId, clock, logger });
    const deps = { clock, logger, costs, conditions: readConditions, store: ledger };
    const queue = new JobQueue(childrenBudget(config), deps);
    const polled = new PolledCaps(clock);
    const delegation = await delegate();
    const underSystemd = env['NOTIFY_SOCKET'] !== undefined;
    if (delegation instanceof Delegation) {
      logger.info('memory_caps', { by: 'cgroup', path: delegation.dir });
      void warmLibraries(config.record.ffmpeg, clock, logger);
      return new Children(
        queue,
        ledger,
        new CgroupCaps(delegation, polled, clock, logger),
        keeper,
        undefined,
        underSystemd,
      );
    }
    logger[underSystemd ? 'warn' : 'info']('memory_caps', { by: 'rss_poll', ...delegation });
    return new Children(queue, ledger, polled, keeper, delegation, underSystemd);
  }

  private constructor(
    queue: JobQueue,
    ledger: JobLedger,
    caps: MemoryCaps,
    keeper: CostKeeper,
    refusal: DelegationRefusal | undefined,
    underSystemd: boolean,
  ) {
    this.queue = queue;
    this.ledger = ledger;
    this.caps = caps;
    this.#keeper = keeper;
    this.#refusal = refusal;
    this.#underSystemd = underSystemd;
  }

  /** Follow a new config. */
  configure(config: Config): void {
    this.queue.configure(childrenBudget(config));
  }

  /**
   * Queue the jobs of earlier runs. No job starts before the returned function is called: when the clips are in order, and
   * there is somebody to be told.
   */
  async restoreJobs({ remake, tell, logger }: RestoreParts): Promise<() => void> {
    const { queue, ledger } = this;
    queue.hold();
    ledger.onFinished(({ result: _, ...job }) => tell('job.finished', job));
    const giveUpHopeless = await restoreJobs({ queue, ledger, remake, logger });
    return () => {
      queue.release();
      void giveUpHopeless();
    };
  }

  /** Plain JSON for the health report. */
  report(): Readonly<Record<string, unknown>> {
    const refusal = this.#refusal;
    const why = refusal && { reason: refusal.reason, remedy: refusal.remedy };
    return { memory_caps: { by: this.caps.method, ...why }, jobs: { ...this.queue.report(), ...this.ledger.report() } };
  }

  checks(): readonly Check[] {
    return [this.#capsCheck(), ...this.ledger.checks()];
  }

  /** Only a service is expected to have control groups of its own; elsewhere the poll does. */
  #capsCheck(): Check {
    const id = 'memory_caps';
    if (this.#refusal === undefined || !this.#underSystemd) return { id, status: 'ok' };
    return { id, status: 'warn', code: this.#refusal.fault, hint: this.#refusal.remedy };
  }

  /** Jobs are told to end and waited for; what was learned is saved. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.queue[Symbol.asyncDispose]();
    await this.#keeper[Symbol.asyncDispose]();
  }
}
