/** The part of one answer that becomes rows: its items, not yet checked. Absent, null and empty lists are all `[]` here. */
export type ContactGroupPage = {
  readonly contactItems: readonly unknown[];
  readonly groupItems: readonly unknown[];
};

/** An invalid page, or an invalid item of one. The message is for people. */
export class InvalidPage extends Error {
  override readonly name = 'InvalidPage';
}
