/** A text literal in SQL. */
export const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A path as a SQL literal, also where SQL allows a pattern. */
export const quotedPath = (path: string): string => quoteLiteral(path.replaceAll(/[*?[]/g, '[$&]'));

/** Whether a path can be written without a pattern: in patterns, DuckDB takes a backslash for a separator. */
export const hasNoPattern = (path: string): boolean => /[*?[]/.test(path) && path.includes('\\');

/**
 * Settings of DuckDB's readers that take the columns from the file alone. By default, a part of the path such as `user_id=x`
 * becomes a column that hides the file's own.
 */
export const AS_THEY_ARE =
  'hive_partitioning = false, hive_types_autocast = false, union_by_name = false, filename = false';
