/** How a file with a secret may be named. */
export const CREDENTIAL = 'A path, or credential:NAME for a systemd credential.';
