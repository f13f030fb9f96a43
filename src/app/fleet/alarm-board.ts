import type { Clock } from '../../base/clock.ts';
import { asCamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { StateDatabase } from '../../catalog/memory-database.ts';
import { AlarmTable } from '../../catalog/state/alarm-table.ts';
import type { AlarmSource } from '../../control/mqtt/herald.ts';
import { ALARM_TYPES, type Alarm, alarmsOf } from '../../health/alarms.ts';
import type { Check } from '../../health/checks.ts';

export interface AlarmBoardDeps {
  /** `state.db`, if there is one. */
  readonly db: StateDatabase | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The verdicts of now. */
  readonly checks: () => readonly Check[];
  /** This alarm was raised, is another, or is over. */
  readonly onChange: (type: string) => void;
}

const LOOK_MS = 5000;

interface Raised {
  readonly alarm: Alarm;
  readonly sinceMs: number;
}

/**
 * Which alarms are raised, and which the broker may still hold for us, retained: those of an earlier run, too, which nobody but
 * the box can clear. Looks every five seconds.
 */
export class AlarmBoard implements AlarmSource, Disposable {
  readonly #deps: AlarmBoardDeps;
  readonly #table: AlarmTable | undefined;
  readonly #raised = new Map<string, Raised>();
  /** What the broker may hold, and since when it was raised, if that is known. */
  readonly #held = new Map<string, number | undefined>();
  #cancelTimer: () => void = () => undefined;

  constructor(deps: AlarmBoardDeps) {
    this.#deps = deps;
    this.#table = deps.db && new AlarmTable(deps.db);
  }

  /** @param isNew nothing is known of earlier runs: they may have raised every type there is */
  begin(isNew: boolean): void {
    if (isNew || this.#table === undefined) for (const type of ALARM_TYPES) this.#held.set(type, undefined);
    for (const { type, sinceMs } of this.#readTable()) this.#held.set(type, sinceMs);
    this.look();
    for (const type of this.#held.keys()) if (!this.#raised.has(type)) this.#deps.onChange(type);
    this.#lookRegularly();
  }

  /** What the broker may still hold is cleared at each connect, until it has said that it got that. */
  get types(): readonly string[] {
    return [...this.#held.keys()];
  }

  body(type: string): object | undefined {
    const raised = this.#raised.get(type);
    return raised && { ...raised.alarm, since: new Date(raised.sinceMs).toISOString() };
  }

  delivered(type: string, body: object | undefined): void {
    if (body !== undefined || this.#raised.has(type)) return;
    this.#held.delete(type);
    this.#write((table) => table.remove(type));
  }

  look(): void {
    const now = alarmsOf(this.#deps.checks());
    for (const [type, alarm] of now) this.#see(type, alarm);
    for (const [type, { alarm }] of this.#raised) {
      if (now.has(type)) continue;
      this.#raised.delete(type);
      this.#deps.logger.info('alarm_cleared', { type, was: codesOf(alarm) });
      this.#deps.onChange(type);
    }
  }

  [Symbol.dispose](): void {
    this.#cancelTimer();
  }

  #see(type: string, alarm: Alarm): void {
    const { clock, logger, onChange } = this.#deps;
    const before = this.#raised.get(type);
    const sinceMs = before?.sinceMs ?? this.#held.get(type) ?? clock.wall();
    this.#raised.set(type, { alarm, sinceMs });
    if (before === undefined) {
      this.#held.set(type, sinceMs);
      this.#write((table) => table.put({ type, sinceMs }));
      logger.warn('alarm_raised', { type, status: alarm.status, codes: codesOf(alarm) });
    }
    // a hint may hold figures that change all the time
    if (before === undefined || codesOf(before.alarm) !== codesOf(alarm)) onChange(type);
  }

  #lookRegularly(): void {
    this.#cancelTimer = this.#deps.clock.after(LOOK_MS, () => {
      this.look();
      this.#lookRegularly();
    });
  }

  #readTable() {
    try {
      return this.#table?.all() ?? [];
    } catch (thrown) {
      this.#tell(thrown);
      return [];
    }
  }

  #write(work: (table: AlarmTable) => void): void {
    const { db } = this.#deps;
    const table = this.#table;
    if (db === undefined || table === undefined) return;
    db.write('keep alarms in', () => work(table)).catch((failure: unknown) => this.#tell(failure));
  }

  /** At a change of an alarm at most: the broker may then hold one for longer than it lasts. */
  #tell(thrown: unknown): void {
    const { code, message } = asCamboxError(thrown, 'keep', 'alarms');
    this.#deps.logger.warn('alarm_not_kept', { code, problem: message });
  }
}

const codesOf = ({ status, checks }: Alarm): string =>
  `${status}: ${checks.map(({ id, code }) => `${id} ${code}`).join(', ')}`;
