let held = 0;

/** Records that this process has a server, or starts one. */
export function holdServer(): void {
  held += 1;
}

/** Records that a server was stopped, or did not start. */
export function releaseServer(): void {
  held -= 1;
}

/** Whether this process has a server to stop, or is starting one. */
export const holdsServer = (): boolean => held > 0;
