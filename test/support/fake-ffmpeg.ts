import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceRoots } from '../../src/record/encoders/encoder-devices.ts';

/**
 * What a hardware encoder may do:
 * - `works`: encodes as it should. As the Raspberry Pi's, it tells its parameter sets with the first picture only.
 * - `refuses`: ends at once, as without its device. `hangs`: takes nothing and does not end.
 * - `green`, `sheared`: writes other pictures. `drops`: every fifth picture is missing. `late`: pictures come 20 ms late.
 * - `hungry`: works, and its driver takes 120 MB.
 * - `dies`: ends after 200 KB of pictures. `slow`: manages three pictures a second.
 */
export type EncoderManner =
  | 'works'
  | 'refuses'
  | 'hangs'
  | 'green'
  | 'sheared'
  | 'drops'
  | 'late'
  | 'hungry'
  | 'dies'
  | 'slow';

/**
 * The real ffmpeg, but for `h264_v4l2m2m`: that is libx264 in disguise, in the manners that are asked for. Everything else
 * about a clip is real: the arguments, padding and cropping, the container.
 */
export class FakeFfmpeg implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'cambox-fake-ffmpeg-'));
  readonly program = join(this.folder, 'ffmpeg');
  /** With the device node that the encoder needs. */
  readonly roots: DeviceRoots = { dev: join(this.folder, 'dev'), sys: join(this.folder, 'sys') };

  constructor(manners: { readonly probe: EncoderManner; readonly clip: EncoderManner }) {
    mkdirSync(this.roots.dev);
    writeFileSync(join(this.roots.dev, 'video11'), '');
    writeFileSync(this.program, script(this.folder), { mode: 0o755 });
    this.probe = manners.probe;
    this.clip = manners.clip;
  }

  /** How it is from now on when it is probed, and when it records. */
  set probe(manner: EncoderManner) {
    writeFileSync(join(this.folder, 'probe'), manner);
  }

  set clip(manner: EncoderManner) {
    writeFileSync(join(this.folder, 'clip'), manner);
  }

  /** It hangs from now on when it is to decode for a probe. */
  hangInDecoding(): void {
    writeFileSync(join(this.folder, 'hang-in-decoding'), '');
  }

  /** How often the encoder was started. */
  get runs(): number {
    return readFileSync(join(this.folder, 'runs'), 'utf8').trim().split('\n').length;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Only what runs the encoder is disguised; `set` rebuilds the arguments word by word. */
const script = (folder: string): string => `#!/bin/sh
case "$*" in
  *h264_v4l2m2m*encoder-probe-*) manner=$(cat ${folder}/probe) ;;
  *h264_v4l2m2m*) manner=$(cat ${folder}/clip) ;;
  *encoder-probe-*.rgb) [ -e ${folder}/hang-in-decoding ] && exec sleep 1000; exec ffmpeg "$@" ;;
  *) exec ffmpeg "$@" ;;
esac
echo $manner >>${folder}/runs
case $manner in
  refuses) echo '[h264_v4l2m2m @ 0x5581] Could not find a valid device' >&2; exit 1 ;;
  hangs) exec sleep 1000 ;;
  green) filter=',lutyuv=0:0:0' ;;
  sheared) filter=',shear=shx=0.2:shy=0' ;;
  drops) filter=',select=not(eq(mod(n\\,5)\\,4))' ;;
  late) filter=',setpts=PTS+0.02/TB' ;;
  slow) filter=',realtime=limit=100:speed=0.1' ;;
esac
count=$#
while [ $count -gt 0 ]; do
  word=$1
  shift
  count=$((count - 1))
  case $word in
    h264_v4l2m2m) set -- "$@" libx264 -preset ultrafast -tune zerolatency -flags -global_header ;;
    -num_output_buffers | -num_capture_buffers) shift; count=$((count - 1)) ;;
    *format=yuv420p) set -- "$@" "$word$filter" ;;
    *) set -- "$@" "$word" ;;
  esac
done
if [ $manner = hungry ]; then
  (head -c 120000000 /dev/zero; sleep 10) | tail -c 120000000 >/dev/null &
  ffmpeg "$@"
  code=$?
  sleep 1
  exit $code
fi
[ $manner = dies ] || exec ffmpeg "$@"
pipe=$(mktemp -u ${folder}/pipe-XXXXXX)
mkfifo $pipe
ffmpeg "$@" <$pipe &
head -c 200000 >$pipe
kill -9 $!
exit 137
`;
