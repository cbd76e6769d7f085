/** A text as SQL writes it. */
export const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A path as SQL writes it where it could be a pattern, too. */
export const quotedPath = (path: string): string => quoteLiteral(path.replaceAll(/[*?[]/g, '[$&]'));

/** Whether no pattern stands for a path: DuckDB takes a backslash in a pattern for a separator. */
export const hasNoPattern = (path: string): boolean => /[*?[]/.test(path) && path.includes('\\');

/**
 * Settings of DuckDB's readers that take the columns of a file from the file alone. By default a part of its path such as
 * `user_id=x` is read as a column of that name, which hides the file's own.
 */
export const AS_THEY_ARE =
  'hive_partitioning = false, hive_types_autocast = false, union_by_name = false, filename = false';
