/**
 * The part of one answer that becomes rows: its items as they came, not yet understood.
 * Absent, null and empty lists are all `[]` here.
 */
export type ContactGroupPage = {
  readonly contactItems: readonly unknown[];
  readonly groupItems: readonly unknown[];
};

/** A page, or an item of one, that cannot be understood; the message is a reason for people. */
export class InvalidPage extends Error {
  override readonly name = 'InvalidPage';
}
