/** Options that write tags into a file. */
export const tagOptions = (tags: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(tags).flatMap(([name, text]) => ['-metadata', `${name}=${text}`]);
