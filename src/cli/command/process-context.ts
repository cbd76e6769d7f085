/** All that a command knows of the process it runs in. */
export type ProcessContext = {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Standard input, opened when it is asked for. */
  readonly input: () => NodeJS.ReadableStream;
  /** Standard output carries the result, standard error everything else. */
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly err: NodeJS.WritableStream & {
    readonly isTTY?: boolean;
    readonly columns?: number;
    readonly rows?: number;
    readonly fd?: number;
  };
  readonly onSignal: (signal: 'SIGINT' | 'SIGTERM', listener: () => void) => void;
  /** Ends the process at once. */
  readonly endNow: (exitCode: number) => void;
  /** Lets a signal do what it does to a program that does not listen to it. */
  readonly reraise: (signal: 'SIGINT' | 'SIGTERM') => void;
};
