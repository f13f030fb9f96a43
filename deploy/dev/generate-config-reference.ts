import type { Schema } from 'convict';
import { CAMERA_SCHEMA } from '../../src/config/camera-schema.ts';
import { RTP_SCHEMA } from '../../src/config/rtp-schema.ts';
import { ROOT_SCHEMA } from '../../src/config/schema.ts';

/** docs/config.md: a table a group, made from the schema. */

interface Leaf {
  readonly doc: string;
  readonly default: unknown;
  readonly env?: string;
  readonly format: unknown;
}
type Node = Leaf | { readonly [key: string]: Node };

const isLeaf = (node: Node): node is Leaf => 'default' in node;

function row(key: string, leaf: Leaf): string {
  const choices = Array.isArray(leaf.format) ? ` One of ${leaf.format.map((value) => `\`${value}\``).join(', ')}.` : '';
  const env = leaf.env === undefined ? '' : ` Environment: \`${leaf.env}\`.`;
  return `| \`${key}\` | \`${JSON.stringify(leaf.default)}\` | ${leaf.doc}${choices}${env} |`;
}

function rows(node: Node, path: string): string[] {
  if (isLeaf(node)) return [row(path, node)];
  return Object.entries(node).flatMap(([key, inner]) => rows(inner, path === '' ? key : `${path}.${key}`));
}

const table = <T>(schema: Schema<T>): string =>
  ['| key | default | meaning |', '|---|---|---|', ...rows(schema as unknown as Node, '')].join('\n');

export function configReference(): string {
  return `# Config reference

Made from \`src/config/schema.ts\` by \`npm run generate\`; do not edit. \`cambox run --config FILE\` reads one JSON file; keys that
are left out have the defaults below, unknown keys are errors. \`config/default.json\` holds every key, \`config/demo.json\` a
small example. After a change send SIGHUP (\`systemctl reload cambox\`): a config that cannot be used is refused with the
reason in the log, and the running one stays.

## Whole file

${table(ROOT_SCHEMA)}

## Each of \`cameras\`

${table(CAMERA_SCHEMA)}

## Each of a camera's \`rtp\`

${table(RTP_SCHEMA)}
`;
}
