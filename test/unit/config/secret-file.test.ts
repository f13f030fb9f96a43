import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSecretFile } from '../../../src/config/secret-file.ts';

test('secret is read from a path, or from the credentials directory when it is named as a credential', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'cambox-secret-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'mqtt.key'), 'secret');
  assert.equal(String(await readSecretFile('mqtt.key', join(folder, 'mqtt.key'), undefined)), 'secret');
  assert.equal(String(await readSecretFile('mqtt.key', 'credential:mqtt.key', folder)), 'secret');
  assert.equal(await readSecretFile('mqtt.key', '', folder), undefined);
});

test('missing credential is named with the line that the service needs', async () => {
  await assert.rejects(readSecretFile('mqtt.key', 'credential:mqtt.key', undefined), {
    code: 'bad_config',
    message: /mqtt\.key .*ENOENT.*LoadCredential=mqtt\.key:FILE/,
  });
});
