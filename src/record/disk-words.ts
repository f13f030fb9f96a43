/** What the system says about a disk, in ffmpeg's words (strerror(3) of ENOSPC, EDQUOT, EIO, EROFS, EFBIG). */
const FULL = /No space left on device|Disk quota exceeded/i;
const BROKEN = /Input\/output error|Read-only file system|File too large/i;

/** True when the last words of a program name a disk that is full. */
export const namesFullDisk = (words: string): boolean => FULL.test(words);

/** True when they name a disk that is full or does not work. */
export const namesDisk = (words: string): boolean => FULL.test(words) || BROKEN.test(words);
