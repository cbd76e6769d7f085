/** A run that was to be mended has no failed users left, or none with the codes asked for: there is nothing to do. */
export class NothingToRetry extends Error {
  override readonly name = 'NothingToMend';
}
