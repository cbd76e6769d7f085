import type { OptionName } from './options.ts';

/** The options of commands that need only a database. */
export const databaseOptions = ['to', 'schema', 'ca-file'] as const satisfies readonly OptionName[];

/** The options of a command that applies migrations. */
export const migrateOptions = [
  ...databaseOptions,
  'share',
  'max-outage',
] as const satisfies readonly OptionName[];

/** The options of commands that read past runs. */
export const placeOptions = [
  ...databaseOptions,
  'sdk-app-id',
  'name',
  'json',
] as const satisfies readonly OptionName[];

/** The options of a command that removes a user from a destination. */
export const eraseOptions = [
  ...placeOptions,
  'no-migrate',
  'keep-runs',
  'max-outage',
  'pseudonymize',
] as const satisfies readonly OptionName[];

/** The options of a command that signs. */
export const signerOptions = [
  'sdk-app-id',
  'identifier',
  'secret-key-file',
] as const satisfies readonly OptionName[];
