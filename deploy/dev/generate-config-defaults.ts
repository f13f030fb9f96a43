import { parseConfig } from '../../src/config/load-config.ts';

/** config/default.json: every key with its default. */
export const configDefaults = (): string => `${JSON.stringify(parseConfig({}, {}, 'the defaults'), null, 2)}\n`;
