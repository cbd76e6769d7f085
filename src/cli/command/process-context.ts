/** The process of a command, as far as commands use it. */
export type ProcessContext = {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Standard input, opened when it is first read. */
  readonly input: () => NodeJS.ReadableStream;
  /** Standard output has the result, standard error everything else. */
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
  /** Lets a signal take its default action. */
  readonly reraise: (signal: 'SIGINT' | 'SIGTERM') => void;
};
