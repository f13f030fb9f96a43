import { join } from 'node:path';
import { TELEMETRY_FILE } from '../app/telemetry/telemetry-desk.ts';
import { queryStoredTelemetry } from '../catalog/telemetry/stored-telemetry.ts';
import { telemetryCsv } from '../catalog/telemetry/telemetry-export.ts';
import type { TelemetryAnswer } from '../catalog/telemetry/telemetry-query.ts';
import { queryOf, type TelemetryArguments, telemetryQuery } from '../control/commands/telemetry-query.ts';
import { askOrRead } from './ask-or-read.ts';
import { type CliCommand, EXIT, UsageError } from './cli-command.ts';
import { SOCKET_OPTION, SOCKET_USAGE } from './daemon-socket.ts';
import { numberOption, readOptions } from './options.ts';
import { alignColumns } from './text-columns.ts';
import { wallTimeOption } from './wall-time-option.ts';

export const TELEMETRY: CliCommand = {
  name: 'telemetry',
  summary: 'show how the box was over time',
  usage: `cambox telemetry [METRIC...] [options]

Least, average and most of each figure over the span of time; all figures when none is named. The last minute comes a minute
later.

  --since TIME    from then on: 2h, 7d ago, 2025-06-01 or 2025-06-01T12:00, local time (24h)
  --until TIME    up to then (now)
  --points N      in so many steps of time (1 to 500)
  --csv, --json   every step, for other programs (60 steps without --points)
${SOCKET_USAGE}

When no daemon runs, what it left is read:
  --config FILE   the config of the service, which tells where (/etc/cambox/config.json)
  --dir FOLDER    the recording folder, whether a daemon runs or not: of a card from elsewhere`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...{ ...SOCKET_OPTION, since: { type: 'string' }, until: { type: 'string' }, points: { type: 'string' } },
      ...{ csv: { type: 'boolean' }, json: { type: 'boolean' }, dir: { type: 'string' }, config: { type: 'string' } },
    });
    if (values.csv && values.json) throw new UsageError('--csv or --json, not both');
    const asTable = !values.csv && !values.json;
    const points = numberOption('points', values.points, { least: 1, most: 500, whole: true });
    const from = wallTimeOption('since', values.since, Date.now());
    const until = wallTimeOption('until', values.until, Date.now());
    const query = {
      ...(positionals.length > 0 && { metrics: positionals }),
      ...(from !== undefined && { from }),
      ...(until !== undefined && { until }),
      points: points ?? (asTable ? 1 : 60),
    };
    const answer = await askOrRead<TelemetryAnswer>(io, values, { command: telemetryQuery, args: query }, (dir, args) =>
      queryStoredTelemetry(join(dir, TELEMETRY_FILE), queryOf(args as TelemetryArguments, Date.now())),
    );
    if (values.csv) await io.write(Buffer.from(telemetryCsv(answer)));
    else if (values.json) io.print(JSON.stringify(answer));
    else if (answer.series.length === 0) io.note('nothing is known of that time');
    else for (const line of alignColumns([HEAD, ...rows(answer)], [2, 3, 4])) io.print(line);
    return EXIT.ok;
  },
};

const HEAD = ['metric', 'from', 'min', 'avg', 'max'];

const rows = ({ series }: TelemetryAnswer): string[][] =>
  series.flatMap(({ metric, buckets }) =>
    buckets.map(({ t_ms, avg, min, max }) => [
      metric,
      `${new Date(t_ms).toISOString().slice(0, 19)}Z`,
      ...[min, avg, max].map((value) => String(Math.round(value * 10) / 10)),
    ]),
  );
