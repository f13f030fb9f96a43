// The layer rule of docs/architecture.md: a folder of src/ may import only folders that stand before it in this list.
// Folders on one line are wings: they do not import each other.
const LAYERS = [
  ['base'],
  ['config'],
  ['native'],
  ['systemd', 'catalog', 'jpeg', 'jobs'],
  ['v4l2', 'frame'],
  ['rtp'],
  ['capture', 'stream', 'record', 'devices', 'health'],
  ['control'],
  ['app'],
  ['cli'],
];

const folder = (names) => `^src/(${names.join('|')})/`;

const layerRules = LAYERS.flatMap((names, level) =>
  names.map((name) => {
    const below = LAYERS.slice(0, level).flat();
    return {
      name: `layer-${name}`,
      comment: `src/${name} may import only: itself${below.length ? `, ${below.join(', ')}` : ''}`,
      severity: 'error',
      from: { path: folder([name]) },
      to: { path: '^src/', pathNot: folder([name, ...below]) },
    };
  }),
);

export default {
  forbidden: [
    ...layerRules,
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'native-only-in-native',
      comment: 'koffi is loaded in src/native alone',
      severity: 'error',
      from: { pathNot: '^src/native/' },
      to: { path: 'node_modules/koffi' },
    },
    {
      name: 'base-no-io',
      comment: 'base is pure: no node:* modules',
      severity: 'error',
      from: { path: '^src/base/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-no-io',
      comment: 'jpeg and rtp are pure: same input, same bytes',
      severity: 'error',
      from: { path: '^src/(jpeg|rtp)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?buffer$' },
    },
    {
      name: 'src-not-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|deploy)/' },
    },
    {
      name: 'v4l2-stands-alone',
      comment: 'src/v4l2 is a binding that could be published alone: only native and base',
      severity: 'error',
      from: { path: '^src/v4l2/' },
      to: { path: '^src/(?!v4l2|native|base)' },
    },
    {
      name: 'orphan',
      comment: 'a file that nobody imports and that imports nobody is a leftover',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$' },
      to: {},
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    includeOnly: ['^src/', '^node_modules/koffi', '^node:', '^[a-z_]+$'],
  },
};
