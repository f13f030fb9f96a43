import type { JpegLayout } from '../layout.ts';

/** What a scan consists of, one after the other. */
export interface McuBlocks<Plane> {
  readonly mcus: number;
  /** The plane of each block of an MCU, in their order. */
  readonly blocks: readonly Plane[];
}

/** The MCUs of a picture of one scan; `planes` are those of its components. */
export function mcuBlocks<Plane>({ width, height, components }: JpegSize, planes: readonly Plane[]): McuBlocks<Plane> {
  // T.81 §A.2: a scan of one component has MCUs of one block, whatever its sampling factors say.
  const isGray = components.length === 1;
  const [h, v] = isGray ? [1, 1] : [Math.max(...components.map((c) => c.h)), Math.max(...components.map((c) => c.v))];
  const mcus = Math.ceil(width / (8 * h)) * Math.ceil(height / (8 * v));
  const blocks = planes.flatMap((plane, i) =>
    new Array<Plane>(isGray ? 1 : components[i]!.h * components[i]!.v).fill(plane),
  );
  return { mcus, blocks };
}

type JpegSize = Pick<JpegLayout, 'width' | 'height' | 'components'>;
