import { CLIP_STATES } from '../../catalog/clips/clip-record.ts';
import { choiceOption, numberOption } from '../options.ts';
import { wallTimeOption } from '../wall-time-option.ts';

/** Options that choose clips, for `ls` and `search`. */
export const FILTER_OPTIONS = {
  camera: { type: 'string' },
  state: { type: 'string' },
  protected: { type: 'boolean' },
  class: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  limit: { type: 'string' },
  after: { type: 'string' },
} as const;

export const FILTER_USAGE = `  --camera ID        of this camera
  --state STATE      ${CLIP_STATES.join(', ')}
  --protected        protected ones only
  --class NAME       of this class
  --since TIME       started since: 2h, 7d ago, 2025-06-01 or 2025-06-01T12:00 (local time)
  --until TIME       started before that
  --limit N          so many at most (1 to 100)
  --after CURSOR     the next page, as the one before tells`;

interface FilterValues {
  readonly camera?: string;
  readonly state?: string;
  readonly protected?: boolean;
  readonly class?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: string;
  readonly after?: string;
}

/** The arguments of clip.list and clip.search that the options mean. */
export function filterArguments(values: FilterValues, nowMs: number): Readonly<Record<string, unknown>> {
  const { camera, after } = values;
  const state = choiceOption('state', values.state, CLIP_STATES);
  const limit = numberOption('limit', values.limit, { least: 1, most: 100, whole: true });
  const from = wallTimeOption('since', values.since, nowMs);
  const until = wallTimeOption('until', values.until, nowMs);
  return {
    ...(camera !== undefined && { camera }),
    ...(state !== undefined && { state }),
    ...(values.protected && { protected: true }),
    ...(values.class !== undefined && { class: values.class }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(limit !== undefined && { limit }),
    ...(after !== undefined && { cursor: after }),
  };
}
