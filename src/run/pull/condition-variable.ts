/** Lets somebody wait for a condition that others bring about: it is looked at again whenever they say so. */
export class ConditionVariable {
  #wake: () => void = () => {};
  #next: Promise<void> = Promise.resolve();

  constructor() {
    this.#renew();
  }

  /** Something may have changed. */
  notify(): void {
    this.#wake();
    this.#renew();
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#next;
  }

  #renew(): void {
    this.#next = new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
