import type { JobRecord } from '../../jobs/job-record.ts';
import { type CliCommand, EXIT } from '../cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from '../daemon-socket.ts';
import { only, readOptions } from '../options.ts';
import { alignColumns } from '../text-columns.ts';

export const SHOW: CliCommand = {
  name: 'jobs show',
  summary: 'show all that is known of a job, with its result',
  usage: `cambox jobs show JOB [--json]

The last 1000 jobs that are over are known, also after a restart.

${SOCKET_USAGE}`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, { ...SOCKET_OPTION, json: { type: 'boolean' } });
    const job = only(positionals, 'JOB');
    const record = (await askDaemon(io, values.socket, 'job.get', { job })) as JobRecord;
    const rows = Object.entries(record).map(([name, value]) => [name, textOf(value)]);
    for (const line of values.json ? [JSON.stringify(record)] : alignColumns(rows)) io.print(line);
    return EXIT.ok;
  },
};

const textOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
