import { SYSTEM_CLOCK } from '../../base/clock.ts';
import type { Config } from '../../config/config.ts';
import { loadSdNotify } from '../../native/libsystemd.ts';
import { turboCalls } from '../../native/libturbojpeg.ts';
import { yuvCalls } from '../../native/libyuv.ts';
import { findFfmpeg, findFfprobe } from '../../record/ffmpeg/find-ffmpeg.ts';
import { probeGso } from '../../stream/probe-gso.ts';
import { VERSION } from '../version.ts';
import { type Examination, type Finding, findingOf, ok, warn } from './finding.ts';

/** Node, the libraries that are loaded when they are needed, ffmpeg, and what the kernel's network can do. */
export async function* examineSoftware(record: Config['record']): Examination {
  yield ok('cambox', `${VERSION} on Node ${process.versions.node}, ${process.platform} ${process.arch}`);
  yield library('libsystemd', loadSdNotify, 'tells systemd that it is ready and alive');
  yield library('libturbojpeg', turboCalls, 'makes JPEGs of raw pictures');
  yield library('libyuv', yuvCalls, 'converts raw pictures fast');
  yield await program('ffmpeg', async () => {
    const { version, passthrough } = await findFfmpeg(record.ffmpeg);
    return `${version} (${record.ffmpeg}, ${passthrough})`;
  });
  yield await program('ffprobe', async () => {
    await findFfprobe(record.ffprobe);
    return `runs (${record.ffprobe})`;
  });
  const noGso = await probeGso(SYSTEM_CLOCK);
  yield noGso === undefined
    ? ok('gso', 'the kernel cuts datagrams itself: a frame takes a few system calls')
    : warn('gso', `${noGso}: a system call for every packet`, 'Take a kernel of 4.18 or newer with UDP GSO');
}

/** None of them is needed by every box. */
function library(id: string, load: () => unknown, does: string): Finding {
  try {
    load();
    return ok(id, does);
  } catch (thrown) {
    return findingOf(id, 'warn', thrown);
  }
}

/** Without ffmpeg nothing is recorded. */
async function program(id: string, examine: () => Promise<string>): Promise<Finding> {
  try {
    return ok(id, await examine());
  } catch (thrown) {
    return findingOf(id, 'fail', thrown);
  }
}
