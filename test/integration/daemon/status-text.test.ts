import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cambox } from '../../support/daemon-rig.ts';

/** What a daemon answers that has one camera, of which it says this, too. */
const statusOf = (camera: object) => ({
  id: 's',
  status: 'succeeded',
  result: {
    box: 'box',
    version: '1',
    health: { status: 'ok', checks: [] },
    cameras: {
      front: {
        ...{ state: 'streaming', width: 640, height: 480, fps: 30, frames: 9, gaps: 0, reopened: 0, warnings: [] },
        recovery: { stage: null, faults: {}, helped: {} },
        latency: { frames: 0, p50_ms: 0, p99_ms: 0, max_ms: 0 },
        ...{ clips: [], streams: [] },
        ...camera,
      },
    },
  },
});

test('status tells of controls that the camera did not take as the config has them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cambox-status-'));
  const path = join(folder, 'control.sock');
  const missed_controls = [
    { control: 'brightness', wanted: 300, given: 255 },
    { control: 'gain', wanted: 3, error: 'Cannot set it as another control rules it now (EACCES)' },
  ];
  const server = createServer((client) => client.write(`${JSON.stringify(statusOf({ missed_controls }))}\n`));
  try {
    await once(server.listen(path), 'listening');
    const { code, stdout } = await cambox('status', '--socket', path);
    assert.equal(code, 0);
    assert.deepEqual(stdout.toString().trimEnd().split('\n').slice(2), [
      '  control brightness  wanted 300, the camera took 255',
      '  control gain  wanted 3, Cannot set it as another control rules it now (EACCES)',
    ]);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});
