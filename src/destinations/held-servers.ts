let servers = 0;

/** Records that this process has a server, or starts one. */
export function holdServer(): void {
  servers += 1;
}

/** Records that a server was stopped, or did not start. */
export function releaseServer(): void {
  servers -= 1;
}

/** Whether this process has a server to stop, or is starting one. */
export const holdsServer = (): boolean => servers > 0;
