import { jobSchema } from '../src/config/job-schema.ts';
import { codeOptions } from './code-options.ts';
import { dictionaryPage } from './dictionary-page.ts';
import { optionsPage } from './options-page.ts';
import { schemaMigration } from './schema-migration.ts';

/** The files that `npm run docs` writes from the program's own data, by their paths in the repository. */
export const generatedFiles = async (): Promise<Readonly<Record<string, string>>> => ({
  'job.schema.json': `${JSON.stringify(jobSchema(), null, 2)}\n`,
  'src/library/options.ts': codeOptions(),
  'docs/options.md': await optionsPage(),
  'docs/dictionary.md': dictionaryPage(),
  'migrations/0001_schema.sql': await schemaMigration(),
});
