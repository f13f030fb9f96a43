import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '../../base/logger.ts';
import { prometheusText } from '../../catalog/telemetry/telemetry-export.ts';
import type { Sample } from '../../catalog/telemetry/telemetry-tables.ts';
import type { Check } from '../../health/checks.ts';

/** The newest sample in a file of its own, for node_exporter's textfile collector. */
export class PrometheusFile {
  readonly #path: string;
  readonly #logger: Logger;
  #problem: string | undefined;

  /** `path`: empty for none. */
  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** Whoever reads it sees the old file or the new one, never half of one. Never rejects. */
  async write(values: Sample): Promise<void> {
    if (this.#path === '') return;
    try {
      await writeFile(`${this.#path}.new`, prometheusText(values), { mode: 0o644 });
      await rename(`${this.#path}.new`, this.#path);
      this.#problem = undefined;
    } catch (thrown) {
      const { message: problem } = thrown as NodeJS.ErrnoException;
      if (problem !== this.#problem) this.#logger.warn('prometheus_not_written', { path: this.#path, problem });
      this.#problem = problem;
    }
  }

  checks(): readonly Check[] {
    const id = 'prometheus';
    if (this.#path === '') return [];
    if (this.#problem === undefined) return [{ id, status: 'ok' }];
    const hint = `health.prometheus_file cannot be written (${this.#problem}): let the service write to ${dirname(this.#path)} (ReadWritePaths= of the unit)`;
    return [{ id, status: 'warn', code: 'prometheus_not_written', hint }];
  }
}
