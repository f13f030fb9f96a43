import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate authority of the test's own, in a folder of its own. Paths of PEM files. */
export interface TestAuthority extends AsyncDisposable {
  readonly ca: string;
  /** A certificate with this common name; good for 127.0.0.1 and localhost, as server and as client. */
  issue(name: string): Promise<{ readonly cert: string; readonly key: string }>;
}

export async function createAuthority(): Promise<TestAuthority> {
  const folder = await mkdtemp(join(tmpdir(), 'cambox-ca-'));
  const path = (name: string): string => join(folder, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await run('openssl', [
    ...['req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=cambox test CA'],
    ...['-keyout', path('ca.key'), '-out', path('ca.crt')],
  ]);
  await writeFile(path('ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  return {
    ca: path('ca.crt'),
    async issue(name) {
      const [key, csr, cert] = [path(`${name}.key`), path(`${name}.csr`), path(`${name}.crt`)];
      await run('openssl', ['req', ...newKey, '-subj', `/CN=${name}`, '-keyout', key, '-out', csr]);
      await run('openssl', [
        ...['x509', '-req', '-in', csr, '-CA', path('ca.crt'), '-CAkey', path('ca.key'), '-CAcreateserial'],
        ...['-days', '2', '-extfile', path('ext'), '-out', cert],
      ]);
      return { cert, key };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
