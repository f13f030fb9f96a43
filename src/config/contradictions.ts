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
  }
  const preRoll = config.cameras.reduce((sum, camera) => sum + camera.pre_roll_mb, 0);
  const most = Math.floor(config.frames.memory_mb * PRE_ROLL_SHARE);
  if (preRoll > most) {
    problems.push(
      `frames.memory_mb: ${config.frames.memory_mb} is too little for the cameras' pre_roll_mb, ${preRoll} together: ` +
        `needs at least ${Math.ceil(preRoll / PRE_ROLL_SHARE)}`,
    );
  }
  if (config.mqtt.url === '' && config.mqtt.username !== '') problems.push('mqtt.username: set without mqtt.url');
  if ((config.mqtt.cert === '') !== (config.mqtt.key === '')) problems.push('mqtt.cert and mqtt.key: only one is set');
  return problems;
}
