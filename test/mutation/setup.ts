import fc from 'fast-check';

// That a property fails is all there is to know of a mutant: to look for the smallest example would take minutes.
fc.configureGlobal({ endOnFailure: true });
