import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { RunningDaemon } from '../support/running-daemon.ts';

/** The demo's box: config/demo.json with a private broker and everything else in a folder of its own. */
export interface DemoBox extends AsyncDisposable {
  readonly id: string;
  readonly camera: { readonly id: string; readonly width: number; readonly height: number };
  readonly broker: Mosquitto;
  readonly daemon: RunningDaemon;
  /** Where its RTP goes, on this machine. */
  readonly port: number;
  readonly sdpPath: string;
  readonly clipsDir: string;
}

interface DemoConfig {
  box: { id: string };
  cameras: { id: string; source: string; rtp: { port: number; sdp_file?: string }[] }[];
}

/** The folder stays when the box is disposed: the clips are in it. */
export async function startDemoBox(port: number | undefined): Promise<DemoBox> {
  const folder = mkdtempSync(join(tmpdir(), 'cambox-demo-'));
  const config = JSON.parse(readFileSync('config/demo.json', 'utf8')) as DemoConfig;
  const [camera] = config.cameras;
  const [output] = camera!.rtp;
  const sdpPath = join(folder, 'front.sdp');
  const clipsDir = join(folder, 'clips');
  output!.sdp_file = sdpPath;
  output!.port = port ?? output!.port;
  const [width = 0, height = 0] = (/(\d+)x(\d+)/.exec(camera!.source) ?? []).slice(1).map(Number);

  const broker = await startMosquitto();
  const configPath = join(folder, 'config.json');
  const rest = { mqtt: { url: broker.url, health_interval_s: 5 }, record: { dir: clipsDir } };
  writeFileSync(
    configPath,
    JSON.stringify({ ...config, ...rest, control: { socket: join(folder, 'control.sock') } }, null, 2),
  );
  const daemon = new RunningDaemon(['--config', configPath]);
  return {
    id: config.box.id,
    camera: { id: camera!.id, width, height },
    broker,
    daemon,
    port: output!.port,
    sdpPath,
    clipsDir,
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      await broker[Symbol.asyncDispose]();
    },
  };
}
