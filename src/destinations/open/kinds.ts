import type { DestinationKind } from '../contract/kind.ts';
import { embeddedKind } from '../embedded/kind.ts';
import { filesKind } from '../files/kind.ts';
import { postgresKind } from '../postgres/kind.ts';

/** The kinds of destinations, in the order in which messages, help and `init` list them. */
export const kinds = [postgresKind, filesKind, embeddedKind] as const;

type Kind = (typeof kinds)[number];

/** A destination as typed: its directory is still relative. */
export type TypedDestination = ReturnType<Kind['parse']>;

/** A destination of a job: its directory is absolute. */
export type DestinationPlace = ReturnType<Kind['resolve']>;

/** A database to read from. */
export type QueriedDatabase = ReturnType<NonNullable<Kind['database']>['resolve']>;

export type AnyKind = DestinationKind<TypedDestination, DestinationPlace, QueriedDatabase>;

/** The kind of a destination. It is asked about destinations of its own only. */
export function destinationKind({ kind }: Pick<TypedDestination | DestinationPlace, 'kind'>): AnyKind {
  const found: AnyKind | undefined = kinds.find(({ name }) => name === kind);
  if (found === undefined) throw new Error(`there is no kind of destination ${kind}`);
  return found;
}
