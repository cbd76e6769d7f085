import { createRequire } from 'node:module';

/** Whether pg-boss is installed, which sharing needs. `.ci/run` installs it. */
export const hasPgBoss = (): boolean => {
  try {
    createRequire(import.meta.url).resolve(NAME);
    return true;
  } catch {
    return false;
  }
};

/** The scripts that pg-boss has for its tables. */
export const bossPlans = async (): Promise<{
  /** From this version to the one before. */
  readonly getRollbackPlans: (schema: string, version: number) => string;
}> => await import(NAME);

// Not a literal: the package need not be installed where this is compiled.
const NAME: string = 'pg-boss';
