import type { ReadSettings, RunArchive } from '../contract/run-archive.ts';
import { type DestinationPlace, destinationKind } from './kinds.ts';

/** An archive that closes itself, and everything opened for it, at the end of its scope. */
export type OpenedArchive = RunArchive & AsyncDisposable;

/** A place with runs, and how long others may keep a reader waiting. */
export type ArchivePlace = ReadSettings & { readonly destination: DestinationPlace };

/** Opens the runs of a destination for reading. @throws {InvalidDestination} and {DestinationError} */
export async function openArchive({ destination, ...settings }: ArchivePlace): Promise<OpenedArchive> {
  const archive = await destinationKind(destination).openArchive(destination, settings);
  return Object.assign(archive, { [Symbol.asyncDispose]: () => archive.close() });
}
