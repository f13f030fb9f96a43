import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { FrameSource } from '../../capture/frame-source.ts';
import { PacedSource } from '../../capture/paced-source.ts';
import type { EncoderChoice, RawOptions } from '../../capture/raw/encoder-choice.ts';
import { openReplay } from '../../capture/replay/open-replay.ts';
import { parseSourceName } from '../../capture/source-name.ts';
import { openSynthetic } from '../../capture/synthetic/open-synthetic.ts';
import type { ControlValues } from '../../capture/v4l2/apply-controls.ts';
import type { BufferTap } from '../../capture/v4l2/tapped-stream.ts';
import { openV4l2Source } from '../../capture/v4l2/v4l2-source.ts';
import type { FrameArena } from '../../frame/frame-arena.ts';
import { findCamera } from '../../v4l2/find-camera.ts';
import { waitForPermission } from '../../v4l2/node-permission.ts';

export interface WantedSource {
  /** As in the config or on the command line (capture/source-name.ts). */
  readonly source: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Undefined: what a camera gives by itself; files and made pictures then run unpaced. */
  readonly fps?: number | undefined;
  /** Pixel format asked of a camera, a fourcc; undefined: the best it has. */
  readonly format?: string | undefined;
  /** How a camera's raw pictures are read and encoded. */
  readonly raw?: RawOptions | undefined;
  /** What a camera's controls shall be set to. */
  readonly controls?: ControlValues | undefined;
  readonly loop: boolean;
  /** Of cameras: sees every buffer of the driver. */
  readonly tap?: BufferTap;
}

export interface SourceDeps {
  readonly arena: FrameArena;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of cameras that are opened again and again. */
  readonly jpegEncoders?: EncoderChoice;
}

/** The one place that knows all kinds of sources. Throws CamboxError: bad_argument, bad_input, not_found, device_*. */
export async function openSource(wanted: WantedSource, deps: SourceDeps): Promise<FrameSource> {
  const { source, fps, loop } = wanted;
  const name = parseSourceName(source);
  switch (name.kind) {
    case 'v4l2': {
      const { width, height, format, raw, controls, tap } = wanted;
      const path = await findCamera(name.camera);
      await waitForPermission(path, deps.clock);
      return openV4l2Source({ path, width, height, fps, format, raw, controls, tap }, deps);
    }
    case 'synthetic':
      return new PacedSource(
        { kind: 'synthetic', source },
        openSynthetic(name.width, name.height),
        { fps, loop },
        deps,
      );
    case 'replay':
      return new PacedSource({ kind: 'replay', source }, await openReplay(name.path), { fps, loop }, deps);
  }
}
