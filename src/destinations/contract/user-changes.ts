/** The differences of one user's rows between two runs. */
export type UserChanges = {
  readonly userId: string;
  readonly conversations: ConversationChanges;
  readonly contactGroups: ContactGroupChanges;
  readonly memberships: Movement;
};

/** Rows that were added, and rows that were removed. */
export type Movement = { readonly joined: number; readonly left: number };

/** `marked`: the standard or the custom mark differs. `otherwise`: any other difference. */
export type ConversationChanges = Movement & { readonly marked: number; readonly otherwise: number };

export type ContactGroupChanges = Movement & { readonly renamed: number; readonly otherwise: number };
