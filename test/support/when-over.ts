import { afterAll, onTestFinished } from 'vitest';

const leftOver: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of leftOver.splice(0).reverse()) await end();
});

/** Does something when the test ends; called outside of a test, after the file's last test. */
export function whenOver(end: () => Promise<void>): void {
  try {
    onTestFinished(end);
  } catch {
    leftOver.push(end);
  }
}
