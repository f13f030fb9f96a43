import { readFileSync } from 'node:fs';
import type { AnyCommand } from '../../src/control/command.ts';
import { COMMANDS, jsonSchemas } from '../../src/control/registry.ts';

/** docs/mqtt.md: the prose of mqtt-reference.head.md, then every command from its schemas. */

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export function mqttReference(): string {
  const head = readFileSync(new URL('mqtt-reference.head.md', import.meta.url), 'utf8');
  return `${head}\n${COMMANDS.map(section).join('\n\n')}\n`;
}

function section(command: AnyCommand): string {
  const { args, result } = jsonSchemas(command) as { args: JsonSchema; result: JsonSchema };
  const acts = command.acts ? ' Acts: needs proof that it is fresh.' : '';
  const results = Object.keys(result.properties ?? {}).map((key) => `\`${key}\``);
  return [
    `### ${command.name}`,
    `${command.summary}${acts}`,
    argsTable(args),
    `Result: ${results.join(', ') || 'nothing'}.`,
  ].join('\n\n');
}

function argsTable(schema: JsonSchema): string {
  const rows = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const needed = schema.required?.includes(name) ? 'yes' : '';
    const byDefault = property.default === undefined ? '' : `\`${JSON.stringify(property.default)}\``;
    return `| \`${name}\` | ${needed} | ${byDefault} | ${allowed(property)} |`;
  });
  if (rows.length === 0) return 'No arguments.';
  return ['| argument | needed | default | allowed |', '|---|---|---|---|', ...rows].join('\n');
}

function allowed(schema: JsonSchema): string {
  const { type, enum: choices, format } = schema;
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(', ');
  if (format === 'date-time') return 'time as in ISO 8601, with its zone: `2026-11-21T08:00:00Z`';
  if (type === 'array' && schema.items !== undefined) return arrayOf(schema, schema.items);
  if (type === 'object' && schema.properties !== undefined) return objectOf(schema);
  const { minimum, exclusiveMinimum, maximum, pattern } = schema;
  const least = exclusiveMinimum === undefined ? minimum : `more than ${exclusiveMinimum}`;
  const form = pattern === undefined ? '' : `, \`${pattern.replaceAll('|', '\\|')}\``;
  return `${type}${range(least, maximum)}${form}`;
}

const range = (least: number | string | undefined, most: number | undefined): string =>
  least === undefined && most === undefined ? '' : `, ${least ?? 'any'} to ${most ?? 'any'}`;

const arrayOf = ({ minItems, maxItems }: JsonSchema, items: JsonSchema): string =>
  `array${range(minItems ?? (maxItems === undefined ? undefined : 0), maxItems)} of: ${allowed(items)}`;

const objectOf = ({ properties = {}, required = [] }: JsonSchema): string =>
  Object.entries(properties)
    .map(([name, property]) => `\`${name}\`${required.includes(name) ? '' : ' (may be left out)'} ${allowed(property)}`)
    .join('; ');
