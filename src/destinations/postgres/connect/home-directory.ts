import { homedir } from 'node:os';

/** The home directory of who runs this; null where there is none, as for the users without a name that containers have. */
export function homeDirectory(): string | null {
  try {
    return homedir() || null;
  } catch {
    return null;
  }
}
