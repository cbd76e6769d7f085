import fc from 'fast-check';

/** How long one call takes to be written and then to end, and how long it blocks the event loop, ms. */
export const anyCall = fc.record({
  writtenAfter: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 80, noNaN: true })),
  releasedAfter: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 20, noNaN: true })),
  blocks: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.double({ min: 0, max: 60, noNaN: true })),
});
