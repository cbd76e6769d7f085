import { type RelationDocs, schemaMeanings } from '../src/destinations/postgres/schema/schema-docs.ts';
import type { Column, Table } from '../src/rows/table.ts';
import { allTables } from '../src/rows/tables.ts';

const HEAD = `# Data dictionary

<!-- Written by \`npm run docs\` from src/rows and src/destinations/postgres/schema/schema-docs.ts: change it there. -->

What each table holds, in every destination alike: a column has the same name and description in a file and in a database. There,
tables, views and columns say the same in their comments (\`\\d+ conversations\`), and rows carry some columns more. The types
are PostgreSQL's. Questions that are often asked, and their SQL: [questions](questions.md).
`;

/** What is in each table and column, as Markdown. */
export function dictionaryPage(): string {
  const beyond = schemaMeanings.filter(({ name }) => !allTables.some((table) => table.name === name));
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
  const inDatabase = schemaMeanings.find((relation) => relation.name === name)?.columns ?? {};
  const more = Object.entries(inDatabase).filter(([column]) => columns.every((one) => one.name !== column));
  return [
    `## ${name}`,
    '',
    `${escaped(description)}. Key: \`${key.join(', ')}\`.`,
    '',
    '| column | type | what it holds |',
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
    '| column | what it holds |',
    '|---|---|',
    ...Object.entries(columns).map(([column, what]) => `| \`${column}\` | ${escaped(what)} |`),
    '',
  ].join('\n');

const typeOf = ({ type, nullable }: Column): string => `${type}${nullable ? ', null' : ''}`;

// What Markdown would take for emphasis or for the border of a cell.
const escaped = (text: string): string => text.replaceAll(/[|*_<]/g, '\\$&');
