import { chooseMode } from '../capture/v4l2/choose-mode.ts';
import { DEFAULT_MODE } from '../config/camera-schema.ts';
import type { DeviceSummary } from '../v4l2/discovery.ts';
import { groupByDevice } from '../v4l2/find-camera.ts';
import { describeProblem } from './device-problem.ts';

/** A node and what cambox makes of it. */
export interface NodeReport {
  readonly summary: DeviceSummary;
  /** Why it could not be asked, and the remedy. */
  readonly problem: string | undefined;
  /** The camera of the running daemon that reads it. */
  readonly daemonCamera: string | undefined;
  /** What cambox would ask it for. */
  readonly choice: string | undefined;
}

/** The nodes of one piece of hardware, in the order of their index. */
export interface CameraReport {
  readonly nodes: readonly NodeReport[];
  /** Whether one of them gives pictures, or could not be asked. */
  readonly isCamera: boolean;
}

/** `daemonCameras`: the ids of the running daemon's cameras by the node that each reads. */
export async function reportDevices(
  devices: readonly DeviceSummary[],
  daemonCameras: ReadonlyMap<string, string>,
): Promise<CameraReport[]> {
  const cameras: CameraReport[] = [];
  for (const group of groupByDevice(devices)) {
    const nodes: NodeReport[] = [];
    for (const summary of group) {
      const { path } = summary;
      const problem = summary.problem && (await describeProblem(path, summary.problem));
      nodes.push({ summary, problem, daemonCamera: daemonCameras.get(path), choice: choiceFor(summary) });
    }
    const isCamera = nodes.some(({ summary, problem }) => summary.captures || problem !== undefined);
    cameras.push({ nodes, isCamera });
  }
  return cameras;
}

/** In words, for the config's defaults. */
function choiceFor({ captures, formats }: DeviceSummary): string | undefined {
  if (!captures) return undefined;
  const { width, height, fps } = DEFAULT_MODE;
  const mode = chooseMode(formats, { format: 'auto', width, height, fps });
  if (mode === undefined) return 'none: cambox can send none of its formats';
  const { fourcc, why } = mode;
  return `${fourcc} ${mode.width}x${mode.height} where the config asks for ${width}x${height} at ${fps} fps: ${why}`;
}
