import * as z from 'zod/mini';
import { PUBLIC_KEY } from '../../config/formats.ts';
import { defineCommand } from '../command.ts';
import { runAsJob } from '../run-as-job.ts';
import { CHOSEN_CLIPS, chosenClips, ONE_WAY_TO_CHOOSE } from '../schemas/chosen-clips.ts';
import { EXPORT_REPORT } from '../schemas/export-report.ts';
import { DEADLINE_S } from '../schemas/fields.ts';

export const clipExport = defineCommand({
  name: 'clip.export',
  summary:
    'Hand stored clips over to the place that the config names (export.to), sealed if you like (docs/export.md).',
  acts: true,
  atOnce: 'queued',
  timeoutMs: undefined, // its job has a deadline, if one is asked for; a connection on which nothing moves is given up
  args: z
    .strictObject({
      ...CHOSEN_CLIPS,
      /** Public keys of age to seal for, beside `export.recipients` of the config. */
      recipients: z._default(z.array(z.string().check(z.regex(PUBLIC_KEY))).check(z.maxLength(8)), []),
      deadline_s: DEADLINE_S,
    })
    .check(...ONE_WAY_TO_CHOOSE),
  result: EXPORT_REPORT,
  async run({ recipients, deadline_s, ...choice }, context) {
    const spec = await context.box.editor.export({ clips: chosenClips(choice), recipients });
    return await runAsJob(spec, context, deadline_s);
  },
});
