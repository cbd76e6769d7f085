import { type Page, readAnswer, type StartIndex } from '../../../chat-api/answer.ts';
import type { Scratch } from '../../../destinations/contract/scratch.ts';

/** A limit for the bytes of one kind in memory, and a count of them. */
export class ByteBudget {
  readonly #most: number;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes the bytes from the budget, if they fit. */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#most) return false;
    this.#taken += bytes;
    return true;
  }

  /** Gives bytes back. */
  give(bytes: number): void {
    this.#taken -= bytes;
  }
}

/** The pages of one user until the last has come: in memory while there is room, otherwise as texts in a file. */
export class UserPages {
  readonly #budget: ByteBudget;
  readonly #scratch: Scratch;
  #taken = 0;

  constructor(budget: ByteBudget, scratch: Scratch) {
    this.#budget = budget;
    this.#scratch = scratch;
  }

  /** @param text the text of the page @returns the page to keep */
  readonly keep = (page: Page, text: string): Page => {
    // The last page is processed at once, so it stays in memory.
    if (page.next === null) return page;
    if (this.#budget.take(text.length)) {
      this.#taken += text.length;
      return page;
    }
    const stored = StoredPage.of(page.next, text, this.#scratch);
    return stored ?? page;
  };

  /** Frees the pages. */
  release(): void {
    this.#budget.give(this.#taken);
    this.#taken = 0;
  }
}

/** A page that is read from the file each time. */
export class StoredPage implements Page {
  readonly next: StartIndex;
  readonly #scratch: Scratch;
  readonly #place: number;
  readonly #length: number;

  private constructor(next: StartIndex, scratch: Scratch, place: number, length: number) {
    this.next = next;
    this.#scratch = scratch;
    this.#place = place;
    this.#length = length;
  }

  /** @returns null when it does not fit */
  static of(next: StartIndex, text: string, scratch: Scratch): StoredPage | null {
    const bytes = Buffer.from(text);
    const place = scratch.write(bytes);
    return place === null ? null : new StoredPage(next, scratch, place, bytes.length);
  }

  get contactItems(): readonly unknown[] {
    return this.read().contactItems;
  }

  get groupItems(): readonly unknown[] {
    return this.read().groupItems;
  }

  /** The whole page, in memory. */
  read(): Page {
    return readAnswer(this.#scratch.read(this.#place, this.#length).toString());
  }
}
