import { constants } from 'node:os';

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(constants.errno).map(([name, code]) => [code, name]));

/** errno values by name, of this platform. */
export const {
  EAGAIN,
  EBADF,
  EBUSY,
  EINTR,
  EINVAL,
  EIO,
  ENODATA,
  ENODEV,
  ENOENT,
  ENOTTY,
  ENOLINK,
  ENOLCK,
  EPERM,
  EPIPE,
  ERANGE,
  EACCES,
  ENOBUFS,
  ECONNREFUSED,
} = constants.errno;

/** "ENODEV" for 19; "errno 4242" when unknown. */
export const errnoName = (code: number): string => NAMES.get(code) ?? `errno ${code}`;
