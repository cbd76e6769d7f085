/** Lets one task wait for a condition that others change. Each notification makes it check the condition again. */
export class ConditionVariable {
  #wake: () => void = () => {};
  #next: Promise<void> = Promise.resolve();

  constructor() {
    this.#renew();
  }

  /** Makes the waiting task check its condition again. */
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
