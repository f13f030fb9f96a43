import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { CamboxError, type ErrorCode } from '../base/errors.ts';
import type { AnyCommand } from './command.ts';
import { parseJsonBytes } from './json-bytes.ts';

/** Largest request payload. */
export const MAX_REQUEST_BYTES = 64 * 1024;

/** The request as it is published; both doors take the same. Unknown keys are errors: they are misspelt ones. */
const ENVELOPE = z.strictObject({
  /** How long after `issued_at` the command may still start. */
  ttl_ms: z.optional(z.int().check(z.gte(1), z.lte(86_400_000))),
  /** When it was asked for, by the requester's clock. */
  issued_at: z.optional(z.iso.datetime({ offset: true })),
  /** Who asks, for the log. */
  by: z.optional(z.string().check(z.maxLength(128))),
  args: z.optional(z.unknown()),
});

export interface Envelope {
  readonly ttlMs: number | undefined;
  readonly issuedAtMs: number | undefined;
  readonly by: string | undefined;
  readonly args: unknown;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CamboxError };

// zod/mini carries no messages of its own; given per parse, because z.config() would change it for the whole process
const MESSAGES = { error: en().localeError };

/** Request bytes from outside: size, JSON and envelope. An empty payload is a request without arguments. Never throws. */
export function parseEnvelope(payload: Uint8Array): Parsed<Envelope> {
  if (payload.length > MAX_REQUEST_BYTES) {
    return refuse('too_large', {
      reason: `it is larger than ${MAX_REQUEST_BYTES} bytes`,
      received: `${payload.length} bytes`,
    });
  }
  const json = payload.length === 0 ? { ok: true as const, value: {} } : parseJsonBytes(payload);
  if (!json.ok) {
    return refuse('bad_json', {
      reason: json.reason,
      remedy: 'A request is a JSON object in UTF-8, such as {"args":{"camera":"front"}}',
    });
  }
  const envelope = z.safeParse(ENVELOPE, json.value, MESSAGES);
  if (!envelope.success) return badSchema(envelope.error.issues, '', json.value, 'the request');
  const { ttl_ms: ttlMs, issued_at: issuedAt, by, args = {} } = envelope.data;
  return {
    ok: true,
    value: { ttlMs, issuedAtMs: issuedAt === undefined ? undefined : Date.parse(issuedAt), by, args },
  };
}

/** A command's arguments against its schema. Never throws. */
export function parseArgs(command: AnyCommand, args: unknown): Parsed<unknown> {
  const parsed = z.safeParse(command.args, args, MESSAGES);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : badSchema(parsed.error.issues, '/args', args, command.name);
}

interface Issue {
  readonly code: string | undefined;
  readonly path: PropertyKey[];
  readonly message: string;
  readonly keys?: string[];
}

/** The first fault alone: it names one place, and mending it shows the next. */
function badSchema(issues: readonly object[], base: string, root: unknown, thing: string): Parsed<never> {
  const issue = issues[0] as Issue;
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, ...(issue.keys ?? []).slice(0, 1)] : issue.path;
  const pointer = base + path.map((key) => `/${escapePointer(String(key))}`).join('');
  const value = path.reduce<unknown>(ownValue, root);
  return {
    ok: false,
    error: new CamboxError(
      'bad_schema',
      {
        verb: 'run',
        thing,
        reason: `${pointer === '' ? 'it' : pointer} does not fit: ${issue.message}`,
        received: value,
      },
      pointer,
    ),
  };
}

function refuse(
  code: ErrorCode,
  parts: { readonly reason: string; readonly received?: unknown; readonly remedy?: string },
): Parsed<never> {
  return { ok: false, error: new CamboxError(code, { verb: 'run', thing: 'the request', ...parts }) };
}

const ownValue = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;

/** RFC 6901 §3: "~" and "/" inside a key. Cut, because the key is the sender's. */
const escapePointer = (key: string): string => key.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1');
