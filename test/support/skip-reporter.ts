import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Counts at the end of all tests how many were skipped for which need. The need is in the test's name or in a note. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const need = needOf(test);
        if (need !== undefined) counts.set(need, (counts.get(need) ?? 0) + 1);
      }
    }
    for (const [need, count] of counts) process.stdout.write(`${count} skipped: ${need}\n`);
  }
}

function needOf(test: TestCase): string | undefined {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  return note ?? /\(([^()]*\bneeds [^()]*)\)/.exec(test.fullName)?.[1];
}
