import { statSync } from 'node:fs';
import type { Pictures } from '../pictures.ts';
import { MjpegFile } from './mjpeg-file.ts';
import { PictureFolder } from './picture-folder.ts';

/** A file of one or more JPEGs, a folder of .jpg, or a glob. Throws `bad_input` when there is no picture in it. */
export async function openReplay(path: string): Promise<Pictures> {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  return isFile ? MjpegFile.open(path) : PictureFolder.open(path);
}
