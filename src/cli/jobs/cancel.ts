import { asCamboxError } from '../../base/errors.ts';
import { type CliCommand, EXIT, UsageError } from '../cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from '../daemon-socket.ts';
import { readOptions } from '../options.ts';

export const CANCEL: CliCommand = {
  name: 'jobs cancel',
  summary: 'end jobs that wait or run',
  usage: `cambox jobs cancel JOB... [--json]

What a job has made so far stays. Exits with 2 when any could not be canceled; the others are.

${SOCKET_USAGE}`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, { ...SOCKET_OPTION, json: { type: 'boolean' } });
    if (positionals.length === 0) throw new UsageError('JOB is missing');
    let failed = 0;
    for (const job of positionals) {
      try {
        await askDaemon(io, values.socket, 'job.cancel', { job });
        io.print(values.json ? JSON.stringify({ job, canceled: true }) : `${job}  canceled`);
      } catch (thrown) {
        failed += 1;
        const { code, message } = asCamboxError(thrown, 'cancel', job);
        if (values.json) io.print(JSON.stringify({ job, canceled: false, code, message }));
        else io.note(`cambox jobs cancel: ${message}`);
      }
    }
    return failed === 0 ? EXIT.ok : EXIT.failure;
  },
};
