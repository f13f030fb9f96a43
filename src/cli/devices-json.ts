import { namesOf } from '../v4l2/camera-name.ts';
import type { ControlState } from '../v4l2/control-groups.ts';
import type { FormatSummary, SizeSummary } from '../v4l2/discovery.ts';
import type { FrameRate } from '../v4l2/frame-rate.ts';
import type { CameraReport, NodeReport } from './device-report.ts';

/** A camera as `cambox devices --json` prints it. */
export function cameraJson({ nodes, isCamera }: CameraReport): object {
  const [first] = nodes;
  const { capabilities, name, usb, idPath } = first!.summary;
  return {
    camera: isCamera,
    card: capabilities?.card ?? name ?? null,
    driver: capabilities?.driver ?? null,
    bus: capabilities?.bus ?? null,
    usb: usb === undefined ? null : usbJson(usb),
    id_path: idPath ?? null,
    names: namesOf((nodes.find(({ summary }) => summary.captures) ?? first!).summary),
    nodes: nodes.map(nodeJson),
  };
}

const usbJson = (usb: NonNullable<NodeReport['summary']['usb']>): object => ({
  vendor_id: usb.vendorId,
  product_id: usb.productId,
  serial: usb.serial ?? null,
  speed_mbps: usb.speedMbps ?? null,
});

const nodeJson = ({ summary, problem, daemonCamera, choice }: NodeReport): object => ({
  path: summary.path,
  index: summary.index,
  captures: summary.captures,
  roles: summary.capabilities?.roles ?? [],
  daemon_camera: daemonCamera ?? null,
  holders: summary.holders,
  ...(choice !== undefined && { choice }),
  formats: summary.formats.map(formatJson),
  controls: summary.controls.map(controlJson),
  ...(summary.problem && { problem: { code: summary.problem.code, message: problem } }),
});

const formatJson = ({ fourcc, description, compressed, sizes }: FormatSummary): object => ({
  fourcc,
  description,
  compressed,
  sizes: sizes.map(sizeJson),
});

const sizeJson = ({ size, rates }: SizeSummary): object => ({
  ...(size.kind === 'discrete'
    ? { width: size.width, height: size.height }
    : {
        min_width: size.minWidth,
        max_width: size.maxWidth,
        step_width: size.stepWidth,
        min_height: size.minHeight,
        max_height: size.maxHeight,
        step_height: size.stepHeight,
      }),
  fps: rates.map(rateJson),
});

const rateJson = (rate: FrameRate): number | object =>
  rate.kind === 'discrete' ? rate.fps : { min: rate.minFps, max: rate.maxFps };

const controlJson = ({ control, group, value }: ControlState): object => ({
  name: control.name,
  label: control.label,
  group,
  kind: control.kind,
  value: jsonNumber(value),
  default: 'defaultValue' in control ? jsonNumber(control.defaultValue) : null,
  min: jsonNumber(control.minimum),
  max: jsonNumber(control.maximum),
  step: 'step' in control ? jsonNumber(control.step) : null,
  read_only: control.readOnly,
  inactive: control.inactive,
  ...('menu' in control && control.menu.length > 0 && { menu: control.menu }),
});

/** JSON has no whole numbers of 64 bits: they become text. */
const jsonNumber = (value: number | bigint | string | undefined): number | string | null =>
  typeof value === 'bigint' ? String(value) : (value ?? null);
