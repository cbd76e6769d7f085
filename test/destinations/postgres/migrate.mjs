// Migrates the schema given of the database given.
import { register } from 'tsx/esm/api';

register();
const { databaseMigrations } = await import(
  '../../../src/destinations/postgres/schema/database-migrations.ts'
);

const [url, schema] = process.argv.slice(2);
try {
  await databaseMigrations({ url, schema, name: 'postgres://test' }, 'up');
} catch (error) {
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
}
