import { readFileSync } from 'node:fs';
import convict, { type Schema } from 'convict';
import { CamboxError } from '../base/errors.ts';
import { CAMERA_SCHEMA, type CameraConfig } from './camera-schema.ts';
import { type Config, deepFreeze } from './config.ts';
import { contradictions } from './contradictions.ts';
import { RTP_SCHEMA, type RtpConfig } from './rtp-schema.ts';
import { ROOT_SCHEMA } from './schema.ts';
import { shapeProblems } from './shape-problems.ts';

/**
 * Read, fill with defaults, check and freeze a config. Throws `bad_config`: one message with every problem, each with
 * the path of its key, the value and what is allowed.
 *
 * @param env `CAMBOX_*` variables override the file (docs/config.md names them)
 */
export function loadConfig(path: string, env: NodeJS.ProcessEnv): Config {
  return parseConfig(readJson(path), env, path);
}

/** The same for a config that is already parsed JSON; `origin` names it in errors. */
export function parseConfig(json: unknown, env: NodeJS.ProcessEnv, origin: string): Config {
  const problems: string[] = [];
  const root = checked(ROOT_SCHEMA, json, '', problems, env);
  const cameras = asList(root.cameras).map((item, i) => readCamera(item, `cameras[${i}]`, problems));
  const config = { ...root, cameras };
  if (problems.length === 0) problems.push(...contradictions(config));
  if (problems.length > 0) {
    throw new CamboxError('bad_config', {
      verb: 'use',
      thing: `config ${origin}`,
      reason: problems.join('; '),
      remedy: 'docs/config.md lists every key.',
    });
  }
  return deepFreeze(config);
}

function readJson(path: string): unknown {
  const cannot = (reason: string, remedy: string, cause: unknown): CamboxError =>
    new CamboxError('bad_config', { verb: 'read', thing: `config ${path}`, reason, remedy, cause });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw cannot(reason, 'Name the file with --config FILE; config/demo.json is an example.', cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw cannot(`it is not JSON: ${(cause as Error).message}`, 'Mend the file.', cause);
  }
}

function readCamera(json: unknown, path: string, problems: string[]): CameraConfig {
  const camera = checked(CAMERA_SCHEMA, json, path, problems);
  const rtp = asList(camera.rtp).map((item, i): RtpConfig => checked(RTP_SCHEMA, item, `${path}.rtp[${i}]`, problems));
  return { ...camera, rtp };
}

/** What is no list has been reported by the schema already. */
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** One object against its schema. Problems are added with their full path; the values come back filled with defaults. */
function checked<T>(
  schema: Schema<T>,
  json: unknown,
  path: string,
  problems: string[],
  env: NodeJS.ProcessEnv = {},
): T {
  const at = (key: string): string => [path, key].filter(Boolean).join('.');
  const fresh = convict(schema, { env, args: [] });
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    problems.push(`${path || 'the whole'}: must be an object: received ${JSON.stringify(json)}`);
    return fresh.getProperties() as T;
  }
  const misfits = shapeProblems(schema, json, at);
  problems.push(...misfits.map(({ problem }) => problem));
  // convict cannot take a value where it expects a group: it would throw, and for that alone
  if (misfits.some(({ kind }) => kind === 'not_a_group')) return fresh.getProperties() as T;
  try {
    fresh.load(json).validate({ allowed: 'warn', output: () => undefined });
  } catch (failure) {
    // convict joins its messages by newlines: "key: must be …", at times with ": value was …" behind it
    for (const line of (failure as Error).message.split('\n')) {
      const message = line.replace(/: value was.*/, '');
      const key = message.slice(0, message.indexOf(':'));
      const received = valueAt(json, key) ?? fresh.get(key as never);
      problems.push(`${at(message)}: received ${JSON.stringify(received)}`);
    }
  }
  return fresh.getProperties() as T;
}

/** The value as the file has it (convict has turned "x" into NaN by now where it wanted a number). */
function valueAt(json: object, key: string): unknown {
  return key.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], json);
}
