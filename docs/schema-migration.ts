import { readFile } from 'node:fs/promises';
import { schemaDocs } from '../src/destinations/postgres/schema/schema-docs.ts';

const MIGRATION = new URL('../migrations/0001_schema.sql', import.meta.url);
const MARK = '-- Comments: `npm run docs` writes all that follows.\n';

/** The first migration: its statements as they are, then a comment for each table, view and column from the dictionary. */
export async function schemaMigration(): Promise<string> {
  const [statements = ''] = (await readFile(MIGRATION, 'utf8')).split(MARK);
  return `${statements.trimEnd()}\n\n${MARK}${schemaDocs.map(commentsOn).join('')}`;
}

const commentsOn = ({ name, kind, description, columns }: (typeof schemaDocs)[number]): string =>
  [
    `\ncomment on ${kind} ${name} is\n  ${literal(description)};\n`,
    ...Object.entries(columns).map(
      ([column, text]) => `comment on column ${name}.${column} is\n  ${literal(text)};\n`,
    ),
  ].join('');

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
