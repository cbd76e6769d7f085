import { homedir } from 'node:os';

/** The home directory of this user. Null for users without one, such as the nameless users of containers. */
export function homeDirectory(): string | null {
  try {
    return homedir() || null;
  } catch {
    return null;
  }
}
