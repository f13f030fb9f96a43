import type { Box } from '../box.ts';

/** What `cambox status` shows: the answer to the query `status`, which changes nothing and needs no command. */
export interface BoxStatus {
  readonly box: string;
  readonly version: string;
  readonly health: unknown;
  /** By camera id. */
  readonly cameras: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export const STATUS_QUERY = 'status';

export function boxStatus(box: Box): BoxStatus {
  return {
    box: box.id,
    version: box.version,
    health: box.health(),
    cameras: Object.fromEntries(
      box.cameras().map((camera) => [
        camera.id,
        {
          ...camera.describe(),
          state: camera.state,
          clips: camera.clips().map(({ id, frames }) => ({ clip: id, frames })),
          streams: camera.streams().map((stream) => ({ stream: stream.id, ssrc: stream.ssrc, ...stream.report() })),
        },
      ]),
    ),
  };
}
