import fc from 'fast-check';

// The smallest example is not needed to know that a property fails, and the search for it takes minutes. A quarter of the
// usual runs finds most mutants; one that needs more counts as not noticed.
fc.configureGlobal({ endOnFailure: true, numRuns: 25 });
