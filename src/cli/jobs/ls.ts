import type { JobView } from '../../jobs/job.ts';
import type { JobRecord } from '../../jobs/job-record.ts';
import { type CliCommand, EXIT, UsageError } from '../cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from '../daemon-socket.ts';
import { readOptions } from '../options.ts';
import { alignColumns } from '../text-columns.ts';

interface JobList {
  readonly jobs: readonly JobView[];
  readonly total: number;
  readonly finished?: readonly JobRecord[];
}

/** What the daemon gives at a time. */
const MOST = 200;

export const LS: CliCommand = {
  name: 'jobs ls',
  summary: 'list what the daemon makes with ffmpeg, in the order of starting',
  usage: `cambox jobs ls [options]

  --finished   those that are over, too, the newest first
  --json
${SOCKET_USAGE}`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...SOCKET_OPTION,
      finished: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    if (positionals.length > 0) throw new UsageError(`ls takes no words: cambox jobs show ${positionals.join(' ')}`);
    const asked = { limit: MOST, finished: values.finished ?? false };
    const list = (await askDaemon(io, values.socket, 'jobs.list', asked)) as JobList;
    if (values.json) {
      io.print(JSON.stringify(list));
      return EXIT.ok;
    }
    const rows = [...list.jobs.map(rowOfView), ...(list.finished ?? []).map(rowOfRecord)];
    for (const line of rows.length === 0 ? ['nothing is recorded, runs or waits'] : alignColumns(rows)) io.print(line);
    if (list.total > list.jobs.length) io.note(`${list.total - list.jobs.length} more wait`);
    return EXIT.ok;
  },
};

const rowOfView = ({ job, state, title, progress, running_ms }: JobView): string[] => {
  const how = state === 'waiting' ? '' : `${Math.round(progress * 100)} %, ${seconds(running_ms)}`;
  return [job, state, how, title];
};

const rowOfRecord = ({ job, state, title, ran_ms = 0, error }: JobRecord): string[] => [
  ...[job, state, seconds(ran_ms)],
  error === undefined ? title : `${title}: ${error.code}`,
];

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
