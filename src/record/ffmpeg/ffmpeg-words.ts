/**
 * What ffmpeg says on stderr when its lines carry their level, as `[mov @ 0x55…] [error] text`. It tells the most memory
 * it had at the level `info` only, among much else.
 */

/** Global options for a run that is measured: they stand before the inputs. */
export const MEASURED = ['-hide_banner', '-nostdin', '-y', '-benchmark', '-loglevel', 'level+info'] as const;

const LEVELLED = /^(?:\[[^\]]* @ 0x[0-9a-f]+\] )?\[(panic|fatal|error|warning|info|verbose|debug)\] ?(.*)$/;
const GRAVE = new Set(['panic', 'fatal', 'error']);

/**
 * The lines that tell of something wrong, without their levels. Where no line has a level all of them do, as ffmpeg was
 * told to speak of errors only.
 */
export function complaints(stderr: string): string {
  const lines = stderr.split('\n').map((line) => LEVELLED.exec(line));
  if (lines.every((match) => match === null)) return stderr;
  return lines.flatMap((match) => (GRAVE.has(match?.[1] ?? '') ? [match?.[2] ?? ''] : [])).join('\n');
}

/** Of pictures or files that are damaged; what decoders say of references that a seek has left behind is no news. */
const PICTURE_DAMAGE =
  /error while decoding|concealing|corrupt|invalid data|partial file|truncat|invalid NAL|end of file/i;
/** Of Matroska whose elements are not what their parents say (libavformat/matroskadec.c): all in between is left out. */
const MATROSKA_DAMAGE =
  /ended prematurely|exceeds containing master|inside parent with finite|EBML number|resync point/i;

/** The complaints that tell of a damaged input, each once. */
export function damage(stderr: string): string {
  const lines = complaints(stderr).split('\n');
  const told = lines.filter((line) => PICTURE_DAMAGE.test(line) || MATROSKA_DAMAGE.test(line));
  return [...new Set(told)].join('\n');
}

/** The most memory that was resident, libraries included (`-benchmark`, from getrusage(2)); undefined when it is not told. */
export function peakResidentBytes(stderr: string): number | undefined {
  const kilobytes = /bench: maxrss=(\d+)kB/.exec(stderr)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
