import type { SimulatorOptions } from '../../src/simulator/options/options.ts';
import type { TestDestination } from '../support/destinations.ts';
import type { Program, ProgramResult } from '../support/program.ts';
import type { Scene } from './scene.ts';

/** A column of the matrix; PostgreSQL 15 only where it may differ from 18. */
export type Place = 'csv' | 'parquet' | 'postgres 18' | 'postgres 15' | 'embedded';

/** How one attempt ends: its exit code, or the signal that ended it, and a line of its standard error. */
export interface End {
  readonly code: number | NodeJS.Signals;
  readonly says: RegExp;
  /** The stop reason in the run's record, once the fault is gone; null: none. */
  readonly noted?: RegExp | null;
}

/** Undoes the fault, or prepares the next attempt. */
export type Repair = () => Promise<unknown>;

/** Makes something go wrong while the program is at work. */
export type Cause = (scene: Scene, program: Program) => Promise<Repair | undefined>;

/** A row of the matrix. */
export interface Fault {
  readonly fault: string;
  readonly to: readonly Place[];
  /** Why it cannot be caused on this machine; null when it can. */
  readonly missing?: () => string | null;
  /** Another destination than the suite's own of that kind. */
  readonly on?: () => Promise<TestDestination>;
  /** The API, where the fault is there from the start or needs a longer run. */
  readonly api?: Partial<SimulatorOptions>;
  /** Options of all attempts. */
  readonly args?: Readonly<Record<string, string>>;
  /** Prepares the first attempt. */
  readonly before?: (scene: Scene) => Promise<unknown>;
  /** Another first attempt than the job's own. */
  readonly start?: (scene: Scene) => Program;
  /** The line at which the cause comes in. Default: the first chunk that is committed. */
  readonly at?: RegExp;
  readonly cause?: Cause;
  /** How the start that meets the fault ends; by destination where they differ. */
  readonly ends: End | Partial<Record<Place, End>>;
  /**
   * How the same command ends after that; unneeded after exit 0. Default: it resumes the run, to exit 0. Several if another
   * command is tried before the same one: each begins with the changes of `prepare`.
   */
  readonly next?: readonly (End & { readonly prepare?: (scene: Scene) => Promise<unknown> })[];
  /** Further conditions at the end, after the last attempt. */
  readonly holds?: (scene: Scene, last: ProgramResult) => Promise<unknown>;
  /** It mostly waits: it is played with the others that do, all at once. */
  readonly waits?: true;
}
