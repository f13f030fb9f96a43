import type { CliCommand } from './cli-command.ts';

/**
 * All subcommands by name, in the order of the help. Each is loaded when it is called for: what the daemon needs (the MQTT
 * client, the schemas) takes 10 MB that the others do not.
 */
export const COMMANDS: Readonly<Record<string, () => Promise<CliCommand>>> = {
  run: async () => (await import('./run.ts')).RUN,
  status: async () => (await import('./status.ts')).STATUS,
  stream: async () => (await import('./stream.ts')).STREAM,
  receive: async () => (await import('./receive.ts')).RECEIVE,
  snapshot: async () => (await import('./snapshot.ts')).SNAPSHOT,
  clip: async () => (await import('./clip/clip.ts')).CLIP,
  cut: async () => (await import('./cut.ts')).CUT,
  timelapse: async () => (await import('./timelapse.ts')).TIMELAPSE,
  clips: async () => (await import('./clips/clips.ts')).CLIPS,
  jobs: async () => (await import('./jobs/jobs.ts')).JOBS,
  telemetry: async () => (await import('./telemetry.ts')).TELEMETRY,
  probe: async () => (await import('./probe.ts')).PROBE,
  devices: async () => (await import('./devices.ts')).DEVICES,
  doctor: async () => (await import('./doctor.ts')).DOCTOR,
};
