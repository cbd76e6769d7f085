import { type Page, PaginationError, type StartIndex, shown } from './answer.ts';

/** One paced, retried call for one page of one user. */
export type CallForPage = (userId: string, startIndex: StartIndex) => Promise<Page>;

/**
 * Every page of one user, in order: StartIndex 0, then NextStartIndex unchanged, until CompleteFlag 1.
 * @param maxPages a user with more pages fails
 * @throws {PaginationError} when the pages do not continue or do not end; and the errors of `call`
 */
export async function pullPages(userId: string, call: CallForPage, maxPages: number): Promise<Page[]> {
  const pages: Page[] = [];
  const seen = new Set<StartIndex>();
  let index: StartIndex = 0;
  for (;;) {
    seen.add(index);
    const page = await call(userId, index);
    pages.push(page);
    if (page.next === null) return pages;
    if (seen.has(page.next)) {
      throw new PaginationError(
        `pagination loop: page ${pages.length} points back to NextStartIndex ${shown(page.next)}`,
      );
    }
    if (pages.length >= maxPages) {
      throw new PaginationError(
        `no last page after ${maxPages} pages; if this user has more, raise --max-pages`,
      );
    }
    index = page.next;
  }
}
