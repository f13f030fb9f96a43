import type { NumberControl } from '../../src/v4l2/control.ts';
import type { ControlState } from '../../src/v4l2/control-groups.ts';
import type { DeviceSummary, FormatSummary } from '../../src/v4l2/discovery.ts';

/** A format with discrete sizes: ['640x480', 30, 15]. */
export const formatOf = (
  fourcc: string,
  description: string,
  ...modes: readonly (readonly [size: string, ...rates: number[]])[]
): FormatSummary => ({
  fourcc,
  description,
  compressed: fourcc === 'MJPG',
  emulated: false,
  sizes: modes.map(([size, ...rates]) => {
    const [width, height] = size.split('x').map(Number) as [number, number];
    return { size: { kind: 'discrete', width, height }, rates: rates.map((fps) => ({ kind: 'discrete', fps })) };
  }),
});

export function controlOf(name: string, value: number | undefined, changes: Partial<NumberControl> = {}): ControlState {
  const control: NumberControl = {
    id: 0x00980900,
    name,
    label: name,
    kind: 'integer',
    minimum: 0,
    maximum: 255,
    step: 1,
    defaultValue: 128,
    readOnly: false,
    writeOnly: false,
    inactive: false,
    grabbed: false,
    volatile: false,
    updatesOthers: false,
    changesLayout: false,
    menu: [],
    ...changes,
  };
  return { control, group: control.id >>> 16 === 0x9a ? 'camera' : 'user', value };
}

/** A webcam's node for pictures, as a Raspberry Pi 4 sees it; `changes` make it another one. */
export function webcamNode(changes: Partial<DeviceSummary> = {}): DeviceSummary {
  return {
    path: '/dev/video0',
    index: 0,
    name: 'HD Pro Webcam C920',
    device: '/sys/devices/webcam',
    usb: { vendorId: '046d', productId: '082d', serial: '4E2A61BF', speedMbps: 480 },
    idPath: 'platform-fd500000.pcie-pci-0000:01:00.0-usbv2-0:1.2:1.0',
    byId: ['/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920_4E2A61BF-video-index0'],
    byPath: ['/dev/v4l/by-path/platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.2:1.0-video-index0'],
    capabilities: {
      driver: 'uvcvideo',
      card: 'HD Pro Webcam C920',
      bus: 'usb-0000:01:00.0-1.2',
      version: '6.6.51',
      roles: ['video_capture'],
      streaming: true,
    },
    captures: true,
    formats: [
      formatOf('YUYV', 'YUYV 4:2:2', ['640x480', 30, 24, 15], ['320x240', 30, 24, 15], ['1280x720', 10, 7.5, 5]),
      formatOf('MJPG', 'Motion-JPEG', ['640x480', 30, 24, 15], ['1280x720', 30, 24, 15], ['1920x1080', 30, 24, 15]),
    ],
    controls: [
      controlOf('brightness', 128),
      controlOf('power_line_frequency', 2, {
        kind: 'menu',
        defaultValue: 1,
        menu: ['Disabled', '50 Hz', '60 Hz'].map((label, value) => ({ value, label })),
      }),
      controlOf('exposure_time_absolute', 250, {
        id: 0x009a0902,
        minimum: 3,
        maximum: 2047,
        defaultValue: 250,
        inactive: true,
      }),
    ],
    holders: [],
    problem: undefined,
    ...changes,
  };
}

/** The metadata node beside it. */
export const metadataNode = (changes: Partial<DeviceSummary> = {}): DeviceSummary =>
  webcamNode({
    path: '/dev/video1',
    index: 1,
    byId: [],
    byPath: [],
    capabilities: { ...webcamNode().capabilities!, roles: ['metadata_capture'] },
    captures: false,
    formats: [],
    controls: [],
    ...changes,
  });
