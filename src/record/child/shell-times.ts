/**
 * How a child's processor time is told where no control group counts it: Node does not hand out what wait4(2) says, but a
 * shell that waits for the program does (`times`, POSIX), to 10 ms, for a millisecond of its own.
 */

const WAIT_AND_TELL = '"$0" "$@"; code=$?; times >&2; exit $code';

/** What to start in place of `program` (a path). */
export const timedByShell = (program: string, args: readonly string[]) => ({
  program: '/bin/sh',
  args: ['-c', WAIT_AND_TELL, program, ...args],
});

/** User and system time of the shell, and below of what it has waited for: `0m0.030000s 0m0.020000s`. */
const TIMES = /\d+m[\d.]+s \d+m[\d.]+s\s+(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/;

/** What stands at the end of such a child's stderr, in milliseconds; undefined when it was killed before, or is not timed. */
export function shellTimesMs(stderr: string): number | undefined {
  const times = TIMES.exec(stderr);
  if (times === null) return undefined;
  const [userMinutes, userSeconds, systemMinutes, systemSeconds] = times.slice(1).map(Number);
  return Math.round(1000 * (60 * (userMinutes! + systemMinutes!) + userSeconds! + systemSeconds!));
}
