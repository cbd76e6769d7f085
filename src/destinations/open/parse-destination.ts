import type { DestinationForm } from '../contract/kind.ts';
import { type AnyKind, kinds, type TypedDestination } from './kinds.ts';

type KindForm = { readonly kind: AnyKind; readonly form: DestinationForm };

/** All forms of destinations, in the order of their kinds. */
export const kindForms: readonly KindForm[] = kinds.flatMap((kind: AnyKind) =>
  kind.forms.map((form) => ({ kind, form })),
);

const databaseForms = kindForms.filter(({ kind }) => kind.database !== null);

const listed = (of: readonly KindForm[]): string => {
  const shown = of.map(({ form }) => form.shown);
  return [shown.slice(0, -1).join(', '), ...shown.slice(-1)].filter(Boolean).join(' or ');
};

/** The forms of all destinations, as messages and help list them. */
export const destinationForms = listed(kindForms);
/** The forms of destinations that people can query. */
export const queryableForms = listed(databaseForms);
/** The forms of destinations whose schema people bring up to date. */
export const migratableForms = listed(databaseForms.filter(({ kind }) => kind.database?.migrations));

/**
 * @throws {RangeError} with a sentence that repeats nothing of the value, since it may hold a password
 */
export function parseDestination(text: string): TypedDestination {
  return parsedBy(kindForms, text) ?? refuse(`expected a destination: ${destinationForms}`);
}

/** A database that is only read. @throws {RangeError} as `parseDestination` does */
export function parseDatabase(text: string): TypedDestination {
  return parsedBy(databaseForms, text) ?? refuse(`expected a database: ${queryableForms}`);
}

/** The form in which a text names a destination, whatever follows its scheme; undefined when it has none. */
export function findForm(text: string): KindForm | undefined {
  return withScheme(kindForms, parts(text).scheme);
}

/** A regular expression for texts that begin as a destination does, as JSON Schema takes it. */
export const destinationPattern = formPattern(kindForms);
/** The same for a database. */
export const databasePattern = formPattern(databaseForms);

function formPattern(forms: readonly KindForm[]): string {
  return String.raw`^\s*(${forms.flatMap(({ form }) => form.schemes).join('|')}):`;
}

function parsedBy(forms: readonly KindForm[], text: string): TypedDestination | undefined {
  const typed = parts(text);
  return withScheme(forms, typed.scheme)?.kind.parse(typed);
}

const withScheme = (forms: readonly KindForm[], scheme: string): KindForm | undefined =>
  forms.find(({ form }) => form.schemes.includes(scheme));

function parts(text: string): { scheme: string; rest: string; whole: string } {
  const whole = text.trim();
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/is.exec(whole) ?? [];
  return { scheme: scheme.toLowerCase(), rest, whole };
}

function refuse(sentence: string): never {
  throw new RangeError(sentence);
}
