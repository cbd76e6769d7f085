import { type RelationDocs, schemaDocs } from '../src/destinations/postgres/schema/schema-docs.ts';
import type { Column, Table } from '../src/rows/table.ts';
import { allTables } from '../src/rows/tables.ts';

const HEAD = `# Data dictionary

<!-- Written by \`npm run docs\` from src/rows and src/destinations/postgres/schema/schema-docs.ts: change it there. -->

The columns of each table. A column has the same name and description in a file and in a database. A database has the descriptions as
comments on its tables, views and columns (\`\\d+ conversations\`), and some additional columns. The types are PostgreSQL's.
[Questions](questions.md) has frequent questions with their SQL.
`;

/** The data dictionary as Markdown. */
export function dictionaryPage(): string {
  const beyond = schemaDocs.filter(({ name }) => !allTables.some((table) => table.name === name));
  const ofKind = (kind: RelationDocs['kind']) => beyond.filter((relation) => relation.kind === kind);
  return [
    HEAD,
    ...allTables.map(tableSection),
    '## Views of a database\n',
    ...ofKind('view').map(relationSection),
    '## Runs in a database\n',
    ...ofKind('table').map(relationSection),
  ].join('\n');
}

function tableSection({ name, description, columns, key }: Table): string {
  const inDatabase = schemaDocs.find((relation) => relation.name === name)?.columns ?? {};
  const more = Object.entries(inDatabase).filter(([column]) => columns.every((one) => one.name !== column));
  return [
    `## ${name}`,
    '',
    `${escaped(description)}. Key: \`${key.join(', ')}\`.`,
    '',
    '| column | type | description |',
    '|---|---|---|',
    ...columns.map((column) => `| \`${column.name}\` | ${typeOf(column)} | ${escaped(column.description)} |`),
    ...more.map(([column, what]) => `| \`${column}\` | in a database only | ${escaped(what)} |`),
    '',
  ].join('\n');
}

const relationSection = ({ name, description, columns }: RelationDocs): string =>
  [
    `### ${name}`,
    '',
    `${escaped(description)}.`,
    '',
    '| column | description |',
    '|---|---|',
    ...Object.entries(columns).map(([column, what]) => `| \`${column}\` | ${escaped(what)} |`),
    '',
  ].join('\n');

const typeOf = ({ type, nullable }: Column): string => `${type}${nullable ? ', null' : ''}`;

// Escapes the characters that Markdown reads as emphasis, HTML or the border of a cell.
const escaped = (text: string): string => text.replaceAll(/[|*_<]/g, '\\$&');
