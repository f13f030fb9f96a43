import { childrenMb, DAEMON_MB, LEAST_CHILDREN_MB } from './memory-shares.ts';
import type { RtpConfig } from './rtp-schema.ts';
import type { RootConfig } from './schema.ts';

/** The rest of the frame memory is for what is being sent and recorded. */
const PRE_ROLL_SHARE = 0.75;

/** Problems that no single value has: each a line with the key's path. */
export function contradictions(config: RootConfig): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const [i, camera] of config.cameras.entries()) {
    if (seen.has(camera.id)) problems.push(`cameras[${i}].id: ${JSON.stringify(camera.id)} is used twice`);
    seen.add(camera.id);
    const targets = camera.rtp.map((output) => `${output.host}:${output.port}`);
    const twice = targets.find((target, n) => targets.indexOf(target) !== n);
    if (twice !== undefined) problems.push(`cameras[${i}].rtp: ${twice} stands twice`);
    for (const output of camera.rtp.filter(({ ssrc, srtp_key_file }) => ssrc !== null && srtp_key_file !== '')) {
      // after a restart the same SSRC and key would encrypt other packets alike (RFC 3711 §9.1)
      problems.push(`cameras[${i}].rtp: ssrc ${output.ssrc} cannot go with srtp_key_file: leave it to chance (null)`);
    }
    problems.push(...rtcpContradictions(camera.rtp, `cameras[${i}].rtp`));
  }
  const sources = config.cameras.map(({ source }) => source);
  for (const [i, source] of sources.entries()) {
    const first = sources.indexOf(source);
    if (first === i || !isDevice(source)) continue; // a file may be played twice
    problems.push(`cameras[${i}].source: ${JSON.stringify(source)} is cameras[${first}]'s: one camera, one reader`);
  }
  const preRoll = config.cameras.reduce((sum, camera) => sum + camera.pre_roll_mb, 0);
  const most = Math.floor(config.frames.memory_mb * PRE_ROLL_SHARE);
  if (preRoll > most) {
    problems.push(
      `frames.memory_mb: ${config.frames.memory_mb} is too little for the cameras' pre_roll_mb, ${preRoll} together: ` +
        `needs at least ${Math.ceil(preRoll / PRE_ROLL_SHARE)}`,
    );
  }
  if (childrenMb(config) < LEAST_CHILDREN_MB) {
    problems.push(
      `record.memory_mb: ${config.record.memory_mb} is too little for frames.memory_mb ${config.frames.memory_mb}, ` +
        `${DAEMON_MB} for the daemon and ${LEAST_CHILDREN_MB} for one ffmpeg: ` +
        `needs at least ${config.frames.memory_mb + DAEMON_MB + LEAST_CHILDREN_MB}`,
    );
  }
  if (config.mqtt.url === '' && config.mqtt.username !== '') problems.push('mqtt.username: set without mqtt.url');
  if ((config.mqtt.cert === '') !== (config.mqtt.key === '')) problems.push('mqtt.cert and mqtt.key: only one is set');
  if ((config.export.cert === '') !== (config.export.key === ''))
    problems.push('export.cert and export.key: only one is set');
  return problems;
}

const isDevice = (source: string): boolean => /^(\/dev\/|usb:|serial:|path:)/.test(source);

/** RTCP takes the port behind that of RTP (RFC 3550 §11). */
function rtcpContradictions(outputs: readonly RtpConfig[], path: string): string[] {
  const withRtcp = outputs.filter(({ rtcp }) => rtcp);
  const problems = withRtcp
    .filter(({ port }) => port === 65535)
    .map(() => `${path}: behind port 65535 there is none for RTCP: take another or set rtcp to false`);
  for (const { host, port } of withRtcp) {
    if (!outputs.some((other) => other.host === host && other.port === port + 1)) continue;
    problems.push(`${path}: ${host}:${port + 1} is the RTCP port of ${host}:${port}: leave a port between the two`);
  }
  return problems;
}
