import { MADE_SCHEMA } from './made-table.ts';
import { TRIGGERS_SCHEMA } from './trigger-table.ts';

/**
 * The schema, step by step: a database of version n gets the steps from the n-th on. A step that was released is never changed.
 * What the tables mean: docs/catalogue.md.
 */
export const CLIP_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE clips (
    id INTEGER PRIMARY KEY,             -- wall start in ms * 1024 + n: the order of time, and the cursor of lists
    clip TEXT NOT NULL UNIQUE,
    camera TEXT NOT NULL,
    state TEXT NOT NULL,
    "end" TEXT NOT NULL,
    file TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    protected INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    clock_synced INTEGER,
    boot_id TEXT,
    duration_ms REAL NOT NULL,
    frames INTEGER NOT NULL,
    pre_roll_asked_ms REAL,
    pre_roll_got_ms REAL,
    lost_at_most_ms REAL,
    encoder TEXT,
    encoder_reason TEXT,
    continued_by TEXT,
    continues TEXT,
    label TEXT,
    place TEXT,
    events TEXT,
    notes TEXT,
    detail TEXT
  ) STRICT;
  CREATE INDEX clips_usage ON clips (camera, protected, bytes);

  CREATE TABLE gaps (
    clip_id INTEGER NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
    at_ms REAL NOT NULL,
    lost_ms REAL NOT NULL,
    frames INTEGER NOT NULL,
    "where" TEXT NOT NULL
  ) STRICT;
  CREATE INDEX gaps_clip ON gaps (clip_id);

  -- words: what people search for; facts: camera, state and protection as one token each, so that filters are
  -- intersected with words inside the index. Its rowid is clips.id, so newest first is its own order.
  CREATE VIRTUAL TABLE clip_words USING fts5 (
    words, facts,
    content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
  );
  -- ClipTable.tidy does it in small steps
  INSERT INTO clip_words (clip_words, rank) VALUES ('automerge', 0);
  INSERT INTO clip_words (clip_words, rank) VALUES ('crisismerge', 1000);
  `,
  `
  ALTER TABLE clips ADD COLUMN class TEXT NOT NULL DEFAULT '';
  -- of each class the oldest that age may delete
  CREATE INDEX clips_age ON clips (class, id)
    WHERE protected = 0 AND state NOT IN ('missing', 'deleting') AND clock_synced IS NOT 0;
  -- also the clips of a camera in the order of time
  DROP INDEX clips_usage;
  CREATE INDEX clips_camera ON clips (camera, id, protected, bytes);
  `,
  MADE_SCHEMA,
  TRIGGERS_SCHEMA,
  `
  ALTER TABLE clips ADD COLUMN turn INTEGER NOT NULL DEFAULT 0; -- which goes first to make room
  UPDATE clips SET turn = started_ms;
  CREATE INDEX clips_turn ON clips (turn, camera, protected, state);
  `,
  `
  ALTER TABLE clips ADD COLUMN memory TEXT; -- JSON: what its ffmpeg needed
  `,
];
