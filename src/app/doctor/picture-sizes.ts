import { parseSourceName } from '../../capture/source-name.ts';
import type { Config } from '../../config/config.ts';
import { sizeName } from '../../record/encoders/demotions.ts';
import type { PictureSize } from '../../record/encoders/encoder-profile.ts';

/** What the pictures of a camera are like. */
export interface ExaminedPictures {
  readonly size: PictureSize;
  readonly fps: number;
}

const USUAL: ExaminedPictures = { size: { width: 1280, height: 720 }, fps: 30 };

/**
 * One each of the sizes of the cameras: those that they have in the running daemon, as far as it tells (by camera id); else the size
 * that is in a synthetic camera's name, or the one that a camera is asked for. 720p without a camera.
 */
export function picturesOf({ cameras }: Pick<Config, 'cameras'>, running: ReadonlyMap<string, PictureSize>) {
  const pictures = cameras.map((camera) => ({
    size: running.get(camera.id) ?? sizeOf(camera),
    fps: camera.fps,
  }));
  const bySize = new Map((pictures.length === 0 ? [USUAL] : pictures).map((each) => [sizeName(each.size), each]));
  return [...bySize.values()];
}

/** A source name that cannot be understood is told elsewhere: such a config is not used. */
function sizeOf({ source, width, height }: Config['cameras'][number]): PictureSize {
  if (!source.startsWith('synthetic')) return { width, height };
  const name = parseSourceName(source);
  return name.kind === 'synthetic' ? { width: name.width, height: name.height } : { width, height };
}
