import { existsSync } from 'node:fs';
import { examine } from '../app/doctor/doctor.ts';
import { type Finding, fail, findingOf, ok } from '../app/doctor/finding.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { asCamboxError, CamboxError } from '../base/errors.ts';
import type { Config } from '../config/config.ts';
import { loadConfig, parseConfig } from '../config/load-config.ts';
import type { BoxStatus } from '../control/socket/status-query.ts';
import { STATUS_QUERY } from '../control/socket/status-query.ts';
import type { HealthReport } from '../health/build-health.ts';
import type { PictureSize } from '../record/encoders/encoder-profile.ts';
import { type CliCommand, type CliIo, EXIT, type ExitCode } from './cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from './daemon-socket.ts';
import { none, readOptions } from './options.ts';
import { wrapText } from './text-columns.ts';

const CONFIG = '/etc/cambox/config.json';
const STATE = '/var/lib/cambox';

export const DOCTOR: CliCommand = {
  name: 'doctor',
  summary: 'examine this machine: what cambox needs, what is missing, and how to mend it',
  usage: `cambox doctor [--json] [--config FILE]

Probes every video encoder at the sizes of the cameras, which takes some seconds: those that they have in the running
daemon, or else are set to. Works with and without a running daemon;
tells also what the daemon reports.

  --config FILE   the config of the service (${CONFIG})
  --state FOLDER  what the service remembers (${STATE})
${SOCKET_USAGE}

Exit codes: 0 all is well, 1 something could be better, 2 a part of the job cannot be done.`,

  async run(args, io): Promise<ExitCode> {
    const { values, positionals } = readOptions(args, {
      ...SOCKET_OPTION,
      json: { type: 'boolean' },
      config: { type: 'string' },
      state: { type: 'string' },
    });
    none(positionals);
    const findings: Finding[] = [];
    const tell = (finding: Finding): void => {
      findings.push(finding);
      if (!values.json) for (const line of inText(finding)) io.print(line);
    };
    const { config, finding } = readConfig(values.config, io);
    tell(finding);
    const daemon = await askStatus(io, values.socket ?? config.control.socket);
    const stateFolder = values.state ?? STATE;
    for await (const found of examine({ config, stateFolder, clock: SYSTEM_CLOCK, running: sizesIn(daemon) }))
      tell(found);
    for (const found of daemonFindings(daemon)) tell(found);
    const worst = (['fail', 'warn', 'ok'] as const).find((status) => findings.some((found) => found.status === status));
    if (values.json) io.print(JSON.stringify({ status: worst, findings }));
    return worst === 'fail' ? EXIT.failure : worst === 'warn' ? EXIT.warning : EXIT.ok;
  },
};

/** The rest is examined with the defaults when the config cannot be used. */
function readConfig(path: string | undefined, io: CliIo): { config: Config; finding: Finding } {
  const defaults = (): Config => parseConfig({}, {}, 'defaults');
  const file = path ?? CONFIG;
  if (path === undefined && !existsSync(file)) {
    return { config: defaults(), finding: ok('config', `there is no ${file}: examined with the defaults`) };
  }
  try {
    return { config: loadConfig(file, io.env), finding: ok('config', file) };
  } catch (thrown) {
    const { message } = asCamboxError(thrown, 'read', file);
    return { config: defaults(), finding: fail('config', message, 'Mend it; the rest is examined with the defaults') };
  }
}

/** What the running daemon tells, or why there is nothing. */
async function askStatus(io: CliIo, socket: string | undefined): Promise<BoxStatus | CamboxError> {
  try {
    return (await askDaemon(io, socket, STATUS_QUERY)) as BoxStatus;
  } catch (thrown) {
    return asCamboxError(thrown, 'ask', 'the daemon');
  }
}

/** Of the cameras that stream. */
function sizesIn(status: BoxStatus | CamboxError): ReadonlyMap<string, PictureSize> {
  if (status instanceof CamboxError) return new Map();
  return new Map(
    Object.entries(status.cameras).flatMap(([id, { width, height }]) =>
      typeof width === 'number' && typeof height === 'number' ? [[id, { width, height }]] : [],
    ),
  );
}

/** What the running daemon knows better: how it caps its children, how its cameras and encoders are. */
function daemonFindings(status: BoxStatus | CamboxError): readonly Finding[] {
  if (status instanceof CamboxError) return [findingOf('daemon', 'warn', status)];
  const { checks, clips } = status.health as HealthReport;
  return [
    ok('daemon', `${status.box} runs, cambox ${status.version}`),
    ok('daemon.ffmpeg_memory', capsInForce(clips?.['memory_caps'])),
    ...checks
      .filter((check) => check.status !== 'ok')
      .map((check) => ({
        id: `daemon.${check.id}`,
        status: check.status,
        says: check.code ?? check.status,
        ...(check.hint !== undefined && { remedy: check.hint }),
      })),
  ];
}

/** Which way of capping children the daemon has found to work, and why not the better one. */
function capsInForce(memoryCaps: unknown): string {
  const { by, reason } = Object(memoryCaps) as { readonly by?: unknown; readonly reason?: unknown };
  if (by === 'cgroup') return 'each ffmpeg has a control group of its own, and the kernel holds it to its cap';
  return `each ffmpeg is looked at twice a second, and killed over its cap, as ${reason}`;
}

const ID_COLUMN = 22;

function inText({ id, status, says, remedy }: Finding): string[] {
  return [
    ...wrapText(`${status.padEnd(5)} ${id.padEnd(ID_COLUMN)} `, says),
    ...(remedy === undefined ? [] : wrapText(`${' '.repeat(5)} ${' '.repeat(ID_COLUMN)} -> `, remedy)),
  ];
}
