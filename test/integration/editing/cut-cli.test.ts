import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { cutJson } from '../../support/cut-json.ts';
import { cambox } from '../../support/daemon-rig.ts';
import { AAC, AS_RECORDED, H264, KEYS_3S, makeNumberedFile, numbersFrom, SIZE } from '../../support/numbered-file.ts';
import { numbersIn } from '../../support/numbered-video.ts';
import { streamFacts } from '../../support/recorder-rig.ts';
import { until } from '../../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambox-cut-cli-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const newFolder = (): string => mkdtempSync(at('out-'));
const INPUT = at('ten seconds.mp4');
const FRAMES = 300;

before(() => {
  makeNumberedFile(INPUT, { frames: FRAMES, fps: 30, args: [...H264, ...KEYS_3S, ...AAC], audio: true });
});

const shown = (path: string): (number | undefined)[] => numbersIn(path, SIZE.width, SIZE.height);

test('cut --every writes clips that are numbered, and tells of each what it took', async () => {
  const out = newFolder();
  const { code, clips } = await cutJson(INPUT, '--every', '4', '--out', out);
  assert.equal(code, 0);
  const names = ['ten seconds-001.mp4', 'ten seconds-002.mp4', 'ten seconds-003.mp4'];
  assert.deepEqual(readdirSync(out).toSorted(), names);
  assert.deepEqual(
    clips.map(({ path, frames }) => [path, frames]),
    names.map((name, i) => [join(out, name), [120, 120, 60][i]]),
  );
  for (const { cpu_ms, peak_memory_bytes } of clips) {
    assert.ok(cpu_ms > 0 && cpu_ms < 5000, `${cpu_ms} ms`);
    assert.ok(peak_memory_bytes > 10e6 && peak_memory_bytes < 300e6, `${peak_memory_bytes} bytes`);
  }
});

test('cut tells in words what it has made', async () => {
  const { code, stdout } = await cambox('cut', INPUT, '--start', '0:04', '--duration', '2s', '--out', newFolder());
  assert.equal(code, 0);
  assert.match(stdout.toString(), /ten seconds-001\.mp4 {2}2\.00 s {2}60 frames {2}hidden 1\.00 s .*\n1 of 1 clips in/);
});

test('cut warns of each range that the file has less of, and makes the others', async () => {
  const args = [
    '--start',
    '1',
    '--duration',
    '1',
    '--start',
    '9',
    '--duration',
    '5',
    '--start',
    '20',
    '--duration',
    '1',
  ];
  const { code, clips } = await cutJson(INPUT, ...args, '--out', newFolder());
  assert.equal(code, 1);
  assert.deepEqual(
    clips.map(({ status, warnings }) => [status, warnings?.map((warning) => warning.code)]),
    [
      ['ok', []],
      ['warning', ['cut_short']],
      ['skipped', ['past_end']],
    ],
  );
  assert.deepEqual(shown(clips[1]!.path), numbersFrom(270, FRAMES));
});

test('cut fails when no range lies in the file', async () => {
  assert.equal((await cutJson(INPUT, '--start', '20', '--out', newFolder())).code, 2);
});

test('cut never overwrites a clip, and makes those that are missing', async () => {
  const out = newFolder();
  writeFileSync(join(out, 'ten seconds-002.mp4'), 'mine');
  const { code, clips } = await cutJson(INPUT, '--every', '4', '--out', out);
  assert.equal(code, 2);
  assert.deepEqual(
    clips.map(({ status, error }) => [status, error?.code]),
    [
      ['ok', undefined],
      ['failed', 'conflict'],
      ['ok', undefined],
    ],
  );
  assert.equal(readFileSync(join(out, 'ten seconds-002.mp4'), 'utf8'), 'mine');
});

test('cut of a range between two pictures says that there is none, and makes the others', async () => {
  const ranges = ['--start', '3.04', '--duration', '0.001', '--start', '3.04', '--duration', '0.03'];
  for (const accuracy of ['copy', 'exact']) {
    const { code, clips } = await cutJson(INPUT, ...ranges, '--accuracy', accuracy, '--out', newFolder());
    assert.equal(code, 2);
    const { code: why, message } = clips[0]!.error!;
    assert.equal(why, 'bad_argument');
    assert.match(message, /no picture begins in it from 3\.04 s on for 0\.001 s; one is shown for 0\.033333 s/);
    assert.deepEqual(shown(clips[1]!.path), [92]);
  }
});

const odd: readonly (readonly [what: string, make: (path: string) => void, words: RegExp])[] = [
  ['a file that is not there', () => undefined, /no such file/],
  ['a folder', (path) => mkdirSync(path), /it is a folder/],
  ['an empty file', (path) => writeFileSync(path, ''), /it is empty/],
  ['a file of something else', (path) => writeFileSync(path, 'hello\n'.repeat(1000)), /ffmpeg cannot read it/],
  [
    'an MP4 that was not finished',
    (path) => {
      copyFileSync(INPUT, path);
      truncateSync(path, 30_000);
    },
    /moov atom not found/,
  ],
  [
    'a file with sound alone',
    (path) => execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=d=1', '-f', 'mp4', path]),
    /only sound in it/,
  ],
  ['a pipe', (path) => execFileSync('mkfifo', [path]), /no file that can be read again/],
];

for (const [what, make, words] of odd) {
  test(`cut of ${what} is refused and says why`, async () => {
    const path = at(`odd-${what.replaceAll(' ', '-')}`);
    make(path);
    const { code, stderr } = await cutJson(path, '--every', '1', '--out', newFolder());
    assert.equal(code, 2);
    assert.match(stderr, words);
  });
}

const usage: readonly (readonly [what: string, args: readonly string[], words: RegExp])[] = [
  ['no file', ['--every', '5'], /FILE is missing/],
  ['no range', [INPUT], /either --every S or --start S/],
  ['two kinds of ranges', [INPUT, '--every', '5', '--start', '1'], /either --every S or --start S/],
  ['a duration without a start', [INPUT, '--duration', '5'], /belongs to the --start before it/],
  ['a time that is none', [INPUT, '--every', '-5'], /--every|argument/],
  ['a length of nothing', [INPUT, '--every', '0'], /more than nothing/],
  [
    'clips that are shorter than a picture',
    [INPUT, '--every', '0.01'],
    /picture is shown for 0\.033333 s, and clips cannot/,
  ],
  ['an accuracy that is none', [INPUT, '--every', '5', '--accuracy', 'good'], /one of copy, exact/],
];

for (const [what, args, words] of usage) {
  test(`cut with ${what} says what is allowed and exits with 64`, async () => {
    const { code, stderr } = await cambox('cut', ...args);
    assert.equal(code, 64);
    assert.match(stderr, words);
  });
}

test('cut into a folder that cannot be written to says so', async () => {
  writeFileSync(at('no-folder'), '');
  const { code, stderr } = await cutJson(INPUT, '--every', '5', '--out', at('no-folder'));
  assert.equal(code, 2);
  assert.match(stderr, /Cannot cut into .*no-folder as .*--out/);
});

test('cut onto a full disk fails as disk_full and leaves nothing half-written', async () => {
  const mount = newFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', mount]);
  try {
    const { code, clips } = await cutJson(INPUT, '--every', '2', '--accuracy', 'exact', '--out', mount, '--jobs', '1');
    assert.equal(code, 2);
    assert.ok(
      clips.some(({ error }) => error?.code === 'disk_full'),
      JSON.stringify(clips),
    );
    assert.deepEqual(
      readdirSync(mount).filter((name) => !name.endsWith('.mp4')),
      [],
    );
    for (const clip of clips.filter(({ status }) => status === 'ok'))
      assert.equal(shown(clip.path).length, clip.frames);
  } finally {
    execFileSync('umount', [mount]);
  }
});

test('cut of a clip that is still being written takes what is there', async () => {
  const [growing, whole] = [at('growing.mp4.partial'), at('whole.mp4')];
  makeNumberedFile(whole, { frames: 240, fps: 30, args: [...H264, '-g', '30', ...AS_RECORDED, '-f', 'mp4'] });
  copyFileSync(whole, growing);
  truncateSync(growing, Math.floor(readFileSync(whole).length * 0.7));
  const out = newFolder();
  const { clips } = await cutJson(growing, '--start', '1.5', '--duration', '2', '--out', out);
  assert.equal(clips[0]!.path, join(out, 'growing-001.mp4'));
  assert.deepEqual(shown(clips[0]!.path), numbersFrom(45, 105));
});

test('cut keeps pictures at their own times where the rate varies', async () => {
  const varied = at('varied.mkv');
  const times = 'setpts=if(lt(N\\,50)\\,N/25/TB\\,(2+(N-50)/5)/TB)'; // 25 a second for two seconds, then 5
  makeNumberedFile(varied, {
    frames: 100,
    fps: 25,
    args: ['-vf', times, '-fps_mode', 'passthrough', ...H264, '-g', '10'],
  });
  for (const accuracy of ['copy', 'exact']) {
    const ranges = ['--start', '1', '--duration', '4', '--start', '5.1', '--duration', '2'];
    const { code, clips } = await cutJson(varied, ...ranges, '--accuracy', accuracy, '--out', newFolder());
    assert.equal(code, 0, JSON.stringify(clips));
    assert.deepEqual(shown(clips[0]!.path), numbersFrom(25, 65), accuracy);
    assert.deepEqual(shown(clips[1]!.path), numbersFrom(66, 76), accuracy);
  }
});

test('cut of a video that is to be turned is turned as well', async () => {
  const turned = at('turned.mp4');
  execFileSync('ffmpeg', ['-v', 'error', '-i', INPUT, '-c', 'copy', '-metadata:s:v', 'rotate=90', turned]);
  const shownSize = async (accuracy: string): Promise<string[]> => {
    const { clips } = await cutJson(
      turned,
      '--start',
      '2',
      '--duration',
      '1',
      '--accuracy',
      accuracy,
      '--out',
      newFolder(),
    );
    const { width, height } = streamFacts(clips[0]!.path, 'width,height');
    const { side_data_list } = streamFacts(clips[0]!.path, 'width') as unknown as {
      side_data_list?: [{ rotation: number }];
    };
    return [`${width}x${height}`, String(side_data_list?.[0].rotation)];
  };
  assert.deepEqual((await shownSize('exact'))[0], '240x320');
  assert.deepEqual((await shownSize('copy'))[0], '320x240');
});

test('cut keeps sound that an MP4 cannot hold by encoding it', async () => {
  const wave = at('wave.mov');
  execFileSync('ffmpeg', ['-v', 'error', '-i', INPUT, '-c:v', 'copy', '-c:a', 'pcm_s16le', wave]);
  const { code, clips } = await cutJson(wave, '--start', '2', '--duration', '2', '--out', newFolder());
  assert.deepEqual([code, clips[0]!.audio], [0, 'encoded']);
});

test('cut says that a format has to be encoded, and does it', async () => {
  const webm = at('web.webm');
  execFileSync('ffmpeg', ['-v', 'error', '-i', INPUT, '-t', '2', '-c:v', 'libvpx', '-b:v', '1M', '-an', webm]);
  const refused = await cutJson(webm, '--start', '1', '--out', newFolder());
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /vp8.*accuracy exact/);
  const { clips } = await cutJson(webm, '--start', '1', '--out', newFolder(), '--accuracy', 'exact');
  assert.deepEqual(shown(clips[0]!.path), numbersFrom(30, 60));
});

test('cut takes files of any name', async () => {
  const name = "-a: b'c%03d $x.mp4";
  copyFileSync(INPUT, at(name));
  const { code, clips } = await cutJson('--start', '1', '--duration', '1', '--out', newFolder(), '--', at(name));
  assert.equal(code, 0);
  assert.ok(clips[0]!.path.endsWith("-a: b'c%03d $x-001.mp4"));
});

test('Ctrl-C ends cut, its ffmpegs, and removes what is half-written', async () => {
  const out = newFolder();
  const long = at('long.mp4');
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=1280x720:d=60',
    '-preset',
    'ultrafast',
    long,
  ]);
  const args = ['src/main.ts', 'cut', long, '--every', '30', '--accuracy', 'exact', '--out', out];
  const cut = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = [text(cut.stdout!), text(cut.stderr!)];
  await until('it writes', () => readdirSync(out).some((name) => name.endsWith('.part')));
  await until('its ffmpegs run', () => programsNaming(out).length > 0);
  cut.kill('SIGINT');
  assert.equal(await exitOf(cut), 2, await stderr);
  assert.match(await stdout, /told to end/);
  assert.deepEqual(readdirSync(out), []);
  assert.deepEqual(programsNaming(out), []);
});

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

/** The ffmpegs whose command line names a path. */
function programsNaming(path: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const [program = '', ...args] = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      return /ffmpeg|sh$/.test(program) && args.some((word) => word.startsWith(path));
    } catch {
      return false; // it has just ended
    }
  });
}

test('what somebody else writes, or left behind, is not overwritten', async () => {
  const out = newFolder();
  writeFileSync(join(out, 'ten seconds-001.mp4.part'), 'half');
  const { code, clips } = await cutJson(INPUT, '--start', '1', '--out', out);
  assert.equal(code, 2);
  assert.match(clips[0]!.error!.message, /something writes it.*remove/);
  assert.equal(readFileSync(join(out, 'ten seconds-001.mp4.part'), 'utf8'), 'half');
});

test('cut without ffmpeg says how to install it', async () => {
  const { code, stderr } = await cutJson(INPUT, '--every', '5', '--ffprobe', '/nowhere/ffprobe', '--out', newFolder());
  assert.equal(code, 2);
  assert.match(stderr, /apt-get install ffmpeg/);
});
