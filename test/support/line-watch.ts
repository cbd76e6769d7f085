interface Waiter {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
  readonly reject: (error: Error) => void;
}

/** The lines of a few growing texts, and promises of lines to come. */
export class LineWatch {
  readonly #lines: string[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #flushes: (() => void)[] = [];
  #ended: string | undefined;

  /** A text of its own: the function takes its next piece. */
  source(): (piece: string) => void {
    let rest = '';
    this.#flushes.push(() => {
      if (rest !== '') this.#add(rest);
    });
    return (piece) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#add(line);
    };
  }

  /** The first line that matches, of those seen and those to come. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    for (const line of this.#lines) {
      const match = pattern.exec(line);
      if (match) return Promise.resolve(match);
    }
    if (this.#ended !== undefined) return Promise.reject(missing(pattern, this.#ended));
    return new Promise((resolve, reject) => this.#waiters.add({ pattern, resolve, reject }));
  }

  /** No more lines: every waiting caller gets the reason. */
  end(reason: string): void {
    for (const flush of this.#flushes) flush();
    this.#ended = reason;
    for (const waiter of this.#waiters) waiter.reject(missing(waiter.pattern, reason));
    this.#waiters.clear();
  }

  #add(line: string): void {
    this.#lines.push(line);
    for (const waiter of this.#waiters) {
      const match = waiter.pattern.exec(line);
      if (!match) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(match);
    }
  }
}

function missing(pattern: RegExp, reason: string): Error {
  return new Error(`no line matched ${pattern} before ${reason}`);
}
