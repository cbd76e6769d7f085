import type { ReadSettings, RunArchive } from '../contract/run-archive.ts';
import { type DestinationPlace, destinationKind } from './kinds.ts';

/** An archive that is closed, with all that was opened for it, at the end of its scope. */
export type OpenedArchive = RunArchive & AsyncDisposable;

/** Where runs are kept, and how long others may keep a look at them waiting. */
export type ArchivePlace = ReadSettings & { readonly destination: DestinationPlace };

/** Opens what has run in a destination. @throws {InvalidDestination} and {DestinationError} */
export async function openArchive({ destination, ...settings }: ArchivePlace): Promise<OpenedArchive> {
  const archive = await destinationKind(destination).openArchive(destination, settings);
  return Object.assign(archive, { [Symbol.asyncDispose]: () => archive.close() });
}
