import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SILENT } from '../../../src/base/logger.ts';
import { requestOverSocket } from '../../../src/control/socket/request-over-socket.ts';
import { ClipArchive } from '../../../src/record/archive/clip-archive.ts';
import { cambox, DaemonRig } from '../../support/daemon-rig.ts';

test('clips are chosen by the label and time that the catalogue has, and by the words in their files where there is none', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start();
  await daemon.line('camera_streaming');
  const args = { camera: 'front', pre_s: 0, duration_s: 0.5, encoder: 'copy', label: 'old' };
  const { clip } = (await requestOverSocket(rig.socket, 'clip.start', args)).result as { clip: string };
  assert.equal((await rig.ask('clips', 'note', clip, '--label', 'new')).code, 0);
  const wholeOf = async (...choice: string[]): Promise<number> => {
    const { stdout } = await cambox('clips', 'verify', '--dir', rig.clipsDir, '--json', ...choice);
    return JSON.parse(stdout.toString()).whole;
  };
  const byLabel = async () => [await wholeOf('--label', 'new'), await wholeOf('--label', 'old')];
  assert.deepEqual(await byLabel(), [1, 0]);
  daemon.signal('SIGTERM');
  await daemon.exit;
  {
    await using archive = await ClipArchive.open({ dir: rig.clipsDir, logger: SILENT, nowMs: 0 });
    await archive.put([{ ...archive.get(clip), started_at: '2025-06-01T12:00:00.000Z' }]);
  }
  assert.deepEqual([await wholeOf('--until', '2025-06-02'), await wholeOf('--since', '2025-06-02')], [1, 0]);
  rmSync(join(rig.clipsDir, 'catalog.db'));
  assert.deepEqual([...(await byLabel()), await wholeOf('--since', '2025-06-02')], [1, 0, 1]);
});

test('export of what the daemon finds by words takes all of that, and nothing else', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start();
  await daemon.line('camera_streaming');
  const ask = async (label: string): Promise<string> => {
    const args = { camera: 'front', pre_s: 0, duration_s: 0.5, encoder: 'copy', label };
    const { result } = await requestOverSocket(rig.socket, 'clip.start', args);
    return (result as { clip: string }).clip;
  };
  const north = await ask('north gate');
  await ask('south gate');
  const out = join(rig.folder, 'out');
  const found = await rig.ask('clips', 'export', '--search', 'north', '--dir', rig.clipsDir, '--to', out, '--json');
  assert.equal(found.code, 0, found.stderr);
  const { clips } = JSON.parse(found.stdout.toString()) as { clips: { file: string }[] };
  assert.deepEqual(
    clips.map(({ file }) => file),
    [`${north}.mp4`],
  );
  const none = await rig.ask('clips', 'export', '--search', 'west', '--dir', rig.clipsDir, '--to', out);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /none has these words: received "west"/);
});
