import { once } from 'node:events';
import { durationOption, numberOption, readOptions } from '../../src/cli/options.ts';
import { type DemoBox, startDemoBox } from './box.ts';
import { exercise } from './exercise.ts';

/**
 * `npm run demo`: the main job without hardware. Runs until Ctrl-C; with `-- --for 20s --json` it exercises itself,
 * prints one JSON object and exits with 0 when all is well, else 1.
 */

const { values } = readOptions(process.argv.slice(2), {
  for: { type: 'string' },
  json: { type: 'boolean' },
  port: { type: 'string' },
});
const seconds = durationOption('for', values.for);
const port = numberOption('port', values.port, { least: 1, most: 65535, whole: true });

await using box = await startDemoBox(port);
if (seconds === undefined) await showAround(box);
else {
  const report = await exercise(box, seconds);
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.ok ? 0 : 1;
}

async function showAround({ id, camera, broker, daemon, sdpPath, clipsDir }: DemoBox): Promise<void> {
  await daemon.line('camera_streaming', { camera: camera.id });
  const clip = JSON.stringify({ ttl_ms: 15000, args: { camera: camera.id, pre_s: 3, duration_s: 5 } });
  const pub = `mosquitto_pub -V 5 -p ${broker.port} -q 1 -D publish message-expiry-interval 15`;
  process.stdout.write(`cambox runs with a made picture of ${camera.width}x${camera.height} at 30 a second.

Session description   ${sdpPath}
Watch the stream      ffplay -protocol_whitelist file,udp,rtp -i '${sdpPath}'
Follow MQTT           mosquitto_sub -V 5 -p ${broker.port} -v -t 'cambox/v1/${id}/#' -T '+/+/+/cam/+/snapshot'
Record a clip         ${pub} -t cambox/v1/${id}/cmd/clip.start/$(date +%s) -m '${clip}'
Clips                 ${clipsDir}

Ctrl-C ends it.
`);
  process.once('SIGINT', () => daemon.signal('SIGTERM'));
  process.once('SIGTERM', () => daemon.signal('SIGTERM'));
  await Promise.race([daemon.exit, once(process, 'SIGHUP')]);
}
