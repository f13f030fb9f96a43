import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { findClips } from '../../../src/record/clip/find-clips.ts';
import { exportClips } from '../../../src/record/export/export-clips.ts';
import { FolderTarget } from '../../../src/record/export/folder-target.ts';
import { HttpsTarget } from '../../../src/record/export/https-target.ts';
import { cambox } from '../../support/daemon-rig.ts';
import { PutServer } from '../../support/put-server.ts';
import { ageDecrypt, ageKeys, StoredClips } from '../../support/stored-clips.ts';

const ANY = { camera: undefined, label: undefined, sinceMs: undefined, untilMs: undefined };

interface Report {
  readonly copied: number;
  readonly present: number;
  readonly failed: number;
  readonly clips: readonly { readonly file: string; readonly outcome: string; readonly problem?: string }[];
}

async function exportTo(
  clips: StoredClips,
  to: string,
  ...args: string[]
): Promise<{ readonly code: number; readonly stderr: string; readonly report: Report }> {
  const { code, stdout, stderr } = await cambox('clips', 'export', ...args, '--to', to, '--dir', clips.dir, '--json');
  return { code, stderr, report: stdout.length === 0 ? ({} as Report) : JSON.parse(stdout.toString()) };
}

const sumsAreRight = (folder: string): string =>
  execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' });

test('export copies clips into a folder with a manifest, which sha256sum confirms, and leaves alone what is there', async () => {
  using clips = await StoredClips.record(2);
  const out = join(clips.folder, 'out/deeper');
  const first = await exportTo(clips, out);
  assert.equal(first.code, 0, first.stderr);
  assert.deepEqual([first.report.copied, first.report.present, first.report.failed], [2, 0, 0]);
  assert.deepEqual(readdirSync(out).toSorted(), ['SHA256SUMS', 'clip-0.mp4', 'clip-1.mp4', 'manifest.json']);
  assert.match(sumsAreRight(out), /clip-0\.mp4: OK\nclip-1\.mp4: OK/);
  assert.deepEqual(readFileSync(join(out, 'clip-1.mp4')), readFileSync(clips.path('clip-1')));
  const [entry] = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')).files;
  const { file, camera, box, frames, sealed, bytes } = entry;
  assert.deepEqual([file, camera, box, frames, sealed], ['clip-0.mp4', 'front', 'box-1', 30, false]);
  assert.equal(bytes, statSync(clips.path('clip-0')).size);

  writeFileSync(join(out, 'clip-0.mp4'), Buffer.alloc(bytes)); // damaged: as long as before
  const again = await exportTo(clips, out);
  assert.deepEqual(
    again.report.clips.map(({ file: name, outcome }) => [name, outcome]),
    [
      ['clip-0.mp4', 'copied'],
      ['clip-1.mp4', 'present'],
    ],
  );
  assert.match(sumsAreRight(out), /clip-0\.mp4: OK/);
});

test('export takes clips of any name that a line can tell, and finds them there again', async () => {
  using clips = await StoredClips.record(1);
  for (const name of ['ümlaut clip', 'back\\slash', '.hidden', 'line\nbreak'])
    copyFileSync(clips.path('clip-0'), join(clips.dir, `${name}.mp4`));
  const out = join(clips.folder, 'out');
  const first = await exportTo(clips, out);
  assert.equal(first.code, 1);
  assert.deepEqual([first.report.copied, first.report.failed], [4, 1]);
  assert.match(first.report.clips.find(({ outcome }) => outcome === 'failed')!.problem!, /control characters/);
  assert.equal(sumsAreRight(out).match(/: OK/g)?.length, 4);
  const verified = await cambox('clips', 'verify', out);
  assert.equal(verified.code, 0, verified.stderr);
  assert.match(verified.stdout.toString(), /4 whole, 0 damaged/);
  const again = await exportTo(clips, out);
  assert.deepEqual([again.report.copied, again.report.present], [0, 4]);
});

test('exported clips are opened by the real age, and by nobody without the key', async () => {
  using clips = await StoredClips.record(1);
  const out = join(clips.folder, 'out');
  const keys = ageKeys(clips.folder);
  const { code, stderr } = await exportTo(clips, out, '--recipient', keys.recipient);
  assert.equal(code, 0, stderr);
  const sealed = join(out, 'clip-0.mp4.age');
  assert.deepEqual(ageDecrypt(keys.identity, sealed), readFileSync(clips.path('clip-0')));
  mkdirSync(join(clips.folder, 'other'));
  const other = ageKeys(join(clips.folder, 'other'));
  assert.throws(() => ageDecrypt(other.identity, sealed), /no identity matched/);
  assert.match(sumsAreRight(out), /clip-0\.mp4\.age: OK/);
  const again = await exportTo(clips, out, '--recipient', keys.recipient);
  assert.equal(again.report.present, 1);
  const forOther = await exportTo(clips, out, '--recipient', other.recipient);
  assert.equal(forOther.report.copied, 1);
});

test('export to a server goes on over broken connections, errors and requests for patience, until all is there whole', async () => {
  using clips = await StoredClips.record(2);
  await using server = await PutServer.open();
  server.token = 'secret';
  const token = join(clips.folder, 'token');
  writeFileSync(token, 'secret\n');
  server.mishaps.set('PUT clip-0.mp4', [
    { kind: 'cut', afterBytes: 100_000 },
    { kind: 'status', status: 503, retryAfter: '0' },
  ]);
  server.mishaps.set('PUT clip-1.mp4', [{ kind: 'status', status: 429, retryAfter: '1' }]);
  const { code, stderr, report } = await exportTo(clips, server.url, '--ca', server.ca, '--token-file', token);
  assert.equal(code, 0, stderr);
  assert.equal(report.copied, 2);
  assert.match(stderr, /clip-0\.mp4: .*; again in/);
  for (const id of ['clip-0', 'clip-1']) {
    assert.deepEqual(server.files.get(`${id}.mp4`), readFileSync(clips.path(id)));
  }
  assert.equal(server.requests.filter((line) => line === 'PUT clip-0.mp4').length, 3);
  assert.deepEqual(server.requests.slice(-2), ['PUT manifest.json', 'DELETE manifest.partial.json']);
  assert.deepEqual([...server.files.keys()].toSorted(), ['SHA256SUMS', 'clip-0.mp4', 'clip-1.mp4', 'manifest.json']);
  const again = await exportTo(clips, server.url, '--ca', server.ca, '--token-file', token);
  assert.equal(again.report.present, 2);
});

test('export that was broken off sends only what is missing when it is run again', async () => {
  using clips = await StoredClips.record(3);
  const keys = ageKeys(clips.folder);
  await using server = await PutServer.open();
  const to = [server.url, '--ca', server.ca, '--recipient', keys.recipient] as const;
  server.mishaps.set('PUT clip-2.mp4.age', Array(2).fill({ kind: 'cut', afterBytes: 0 }));
  const broken = await exportTo(clips, ...to, '--tries', '2');
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /Cannot reach .*clip-2\.mp4\.age.*tried 2 times.*Run it again/);
  assert.equal(server.files.has('manifest.json'), false);
  const [first] = ['clip-0.mp4.age'].map((name) => server.files.get(name));
  server.requests.length = 0;
  const rest = await exportTo(clips, ...to);
  assert.equal(rest.code, 0, rest.stderr);
  assert.deepEqual([rest.report.copied, rest.report.present], [1, 2]);
  assert.deepEqual(
    server.requests.filter((line) => line.startsWith('PUT clip')),
    ['PUT clip-2.mp4.age'],
  );
  assert.equal(server.files.get('clip-0.mp4.age'), first);
  const sealed = join(clips.folder, 'clip-2.mp4.age');
  writeFileSync(sealed, server.files.get('clip-2.mp4.age')!);
  assert.deepEqual(ageDecrypt(keys.identity, sealed), readFileSync(clips.path('clip-2')));
  const { files } = JSON.parse(server.files.get('manifest.json')!.toString());
  assert.equal(files.length, 3);
});

test('export gives up a connection on which nothing moves, and sends the file again', async () => {
  await using server = await PutServer.open();
  server.mishaps.set('PUT', [{ kind: 'stall' }]);
  const retries: string[] = [];
  const deps = { clock: SYSTEM_CLOCK, signal: new AbortController().signal, random: () => 0 };
  await using target = new HttpsTarget(
    server.url,
    { ca: readFileSync(server.ca, 'utf8'), silentMs: 500 },
    { ...deps, onRetry: (_, reason) => retries.push(reason) },
  );
  const bytes = Buffer.alloc(30_000_000, 'x'); // more than the system keeps for a receiver that does not read
  const chunks = Array.from({ length: 300 }, (_, i) => bytes.subarray(i * 100_000, (i + 1) * 100_000)); // as a file comes
  await target.put('a', async () => ({ bytes: bytes.length, stream: Readable.from(chunks) }));
  // On a busy machine nothing may move for so long once more.
  assert.deepEqual([...new Set(retries)], ['nothing moved for 0.5 s']);
  assert.ok(server.files.get('a')?.equals(bytes));
});

test('export is refused at once by a server that nobody vouches for, and by one that knows us not', async () => {
  using clips = await StoredClips.record(1);
  await using server = await PutServer.open();
  const unknown = await exportTo(clips, server.url);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /certificate.*--ca names who signed it/);
  assert.deepEqual(server.requests, []);
  server.token = 'secret';
  const refused = await exportTo(clips, server.url, '--ca', server.ca);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /the server answered 401\. Give a key/);
  assert.equal(server.files.size, 0);
});

test('export into a full folder is disk_full, keeps what is there whole, and goes on when there is room', async () => {
  using clips = await StoredClips.record(2);
  const out = join(clips.folder, 'small');
  mkdirSync(out);
  const bytes = statSync(clips.path('clip-0')).size;
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${Math.ceil((bytes * 1.3) / 1024)}k`, 'tmpfs', out]);
  try {
    const full = await exportTo(clips, out);
    assert.equal(full.code, 2);
    assert.match(full.stderr, /Cannot write .*clip-1\.mp4.*no space left.*goes on from there/i);
    assert.deepEqual(readdirSync(out).toSorted(), ['clip-0.mp4', 'manifest.partial.json']);
    execFileSync('mount', ['-o', 'remount,size=64m', out]);
    const rest = await exportTo(clips, out);
    assert.deepEqual([rest.report.copied, rest.report.present], [1, 1]);
    assert.match(sumsAreRight(out), /clip-0\.mp4: OK\nclip-1\.mp4: OK/);
    execFileSync('mount', ['-o', 'remount,ro', out]);
    const readOnly = await exportTo(clips, out);
    assert.equal(readOnly.code, 2);
    assert.match(readOnly.stderr, /Cannot export to .*read-only file system/i);
    const verified = await cambox('clips', 'verify', out);
    assert.equal(verified.code, 0, verified.stderr);
  } finally {
    execFileSync('umount', [out]);
  }
});

test('export takes what is a clip by its name, and tells ours from others', async () => {
  using clips = await StoredClips.record(2);
  rmSync(clips.path('clip-0'));
  mkdirSync(clips.path('clip-0')); // no clip at all
  writeFileSync(join(clips.dir, 'clip-9.mp4'), 'no video'); // another program's
  const out = join(clips.folder, 'out');
  const { code, report } = await exportTo(clips, out);
  assert.equal(code, 0);
  assert.deepEqual(
    report.clips.map(({ file }) => file),
    ['clip-9.mp4', 'clip-1.mp4'],
  );
  const ofCamera = await exportTo(clips, out, '--camera', 'front');
  assert.deepEqual([ofCamera.report.copied, ofCamera.report.present], [0, 1]);
});

test('export says which clips could not be read, or changed under its hands, and exports the others', async () => {
  using clips = await StoredClips.record(3);
  const found = await findClips(clips.dir, { ids: [], ...ANY });
  const { signal } = new AbortController();
  const out = join(clips.folder, 'out');
  await using target = await FolderTarget.open(out, signal);
  rmSync(clips.path('clip-0'));
  const put = target.put.bind(target);
  target.put = async (file, open) => {
    if (file === 'clip-1.mp4') writeFileSync(clips.path('clip-1'), 'changed');
    await put(file, open);
  };
  const done = await exportClips(found, target, undefined, { signal, onClip: () => undefined });
  assert.deepEqual(
    done.map(({ clip, outcome }) => [clip, outcome]),
    [
      ['clip-0', 'failed'],
      ['clip-1', 'failed'],
      ['clip-2', 'copied'],
    ],
  );
  assert.match(done[0]!.problem!, /ENOENT/);
  assert.match(done[1]!.problem!, /it changed while it was exported/);
  assert.match(sumsAreRight(out), /^clip-2\.mp4: OK\n$/);
  assert.equal(readdirSync(out).includes('clip-1.mp4'), false);
});

test('verify tells a whole clip from one with a damaged byte, and a changed file of an export from a whole one', async () => {
  using clips = await StoredClips.record(2);
  const out = join(clips.folder, 'out');
  await exportTo(clips, out);
  assert.equal((await cambox('clips', 'verify', '--dir', clips.dir)).code, 0);
  for (const path of [clips.path('clip-1'), join(out, 'clip-1.mp4')]) {
    chmodSync(path, 0o600);
    const bytes = readFileSync(path);
    const middle = bytes.length >> 1;
    bytes.fill(0, middle, middle + 40_000); // more than a picture
    writeFileSync(path, bytes);
  }
  const clip = await cambox('clips', 'verify', 'clip-0', 'clip-1', '--dir', clips.dir);
  assert.equal(clip.code, 2);
  assert.match(clip.stdout.toString(), /^ok +clip-0\nDAMAGED +clip-1 .*\n1 whole, 1 damaged$/m);
  const config = join(clips.folder, 'config.json');
  writeFileSync(config, JSON.stringify({ record: { dir: clips.dir, ffprobe: '/nonexistent/ffprobe' } }));
  const without = await cambox('clips', 'verify', 'clip-0', '--config', config);
  assert.match(without.stderr, /Cannot run \/nonexistent\/ffprobe as it is not installed/);
  const file = await cambox('clips', 'verify', out);
  assert.equal(file.code, 2);
  assert.match(file.stdout.toString(), /DAMAGED +clip-1\.mp4 +its hash is another/);
});
