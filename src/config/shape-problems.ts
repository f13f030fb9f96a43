type SchemaNode = { readonly [key: string]: SchemaNode | { readonly default: unknown } };

export interface Misfit {
  readonly kind: 'unknown_key' | 'not_a_group';
  readonly problem: string;
}

/** Keys that the schema does not have, with the nearest one that it has, and values where a group of keys belongs. */
export function shapeProblems(schema: object, json: object, at: (key: string) => string): Misfit[] {
  const nodes = schema as SchemaNode;
  return Object.entries(json).flatMap(([key, value]): Misfit[] => {
    const node = Object.hasOwn(nodes, key) ? nodes[key] : undefined;
    if (node === undefined) {
      return [{ kind: 'unknown_key', problem: `${at(key)}: unknown key${nearest(key, Object.keys(nodes))}` }];
    }
    if ('default' in node) {
      const isDeep = isMap(value) && Object.values(value).some(isMap);
      // convict cannot take that, either
      return isDeep
        ? [
            {
              kind: 'not_a_group',
              problem: `${at(key)}: must not have keys within keys: received ${JSON.stringify(value)}`,
            },
          ]
        : [];
    }
    if (!isMap(value)) {
      return [{ kind: 'not_a_group', problem: `${at(key)}: must be an object: received ${JSON.stringify(value)}` }];
    }
    return shapeProblems(node, value, (inner) => at(`${key}.${inner}`));
  });
}

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

function nearest(key: string, known: readonly string[]): string {
  const close = known.find((candidate) => distance(candidate, key) <= 2);
  return close === undefined ? ` (known: ${known.join(', ')})` : `, did you mean ${close}?`;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
