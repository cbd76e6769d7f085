let held = 0;

/** Says that this process has a server, or is starting one. */
export function holdServer(): void {
  held += 1;
}

/** Says that a server was stopped, or did not start. */
export function releaseServer(): void {
  held -= 1;
}

/** Whether this process has a server that it has yet to stop, or is starting one. */
export const holdsServer = (): boolean => held > 0;
