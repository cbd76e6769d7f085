import type { OptionName } from './options.ts';

/** The options of commands that need a database and nothing else. */
export const databaseOptions = ['to', 'schema', 'ca-file'] as const satisfies readonly OptionName[];

/** The options of a command that brings a database's schema up to date. */
export const migrateOptions = [...databaseOptions, 'max-outage'] as const satisfies readonly OptionName[];

/** The options of commands that look at what has run. */
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
