/** A run was about to do what nobody wants: it stopped before. What is committed stays, and the run can be resumed. */
export class GuardTripped extends Error {
  override readonly name = 'GuardTripped';
  readonly code = 'GUARD_TRIPPED';
}
