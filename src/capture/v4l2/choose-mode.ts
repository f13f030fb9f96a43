import type { FormatSummary } from '../../v4l2/discovery.ts';
import { RAW_FOURCCS } from '../raw/raw-layout.ts';
import { nearestSize, type OfferedMode, type RankedMode, rankModes, type WantedMode } from './rank-modes.ts';

/** Pixel formats that are a JPEG a picture. UVC cameras say MJPG; a few drivers call the same thing JPEG. */
export const JPEG_FOURCCS: readonly string[] = ['MJPG', 'JPEG'];
/** What we can send, the best first. */
export const SENDABLE_FOURCCS: readonly string[] = [...JPEG_FOURCCS, ...RAW_FOURCCS];

/**
 * What `negotiate` would ask a camera for that offers this, without asking it; the camera may still refuse. Undefined when
 * it offers nothing that can be sent.
 */
export function chooseMode(formats: readonly FormatSummary[], wanted: WantedMode): RankedMode | undefined {
  const sendable = SENDABLE_FOURCCS.flatMap((fourcc) => formats.find((format) => format.fourcc === fourcc) ?? []);
  const modes = sendable.flatMap(({ fourcc, sizes }) =>
    sizes.map(({ size, rates }): OfferedMode => {
      const { width, height } = nearestSize(size, wanted);
      return { fourcc, isJpeg: JPEG_FOURCCS.includes(fourcc), width, height, rates };
    }),
  );
  return rankModes(modes, wanted)[0];
}
