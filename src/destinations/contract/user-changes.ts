/** What became of one user's rows between two runs. */
export type UserChanges = {
  readonly userId: string;
  readonly conversations: ConversationChanges;
  readonly contactGroups: ContactGroupChanges;
  readonly memberships: Movement;
};

/** Rows that are there and were not, and the other way round. */
export type Movement = { readonly joined: number; readonly left: number };

/** `marked`: the standard or the custom mark is another; `otherwise`: anything else is. */
export type ConversationChanges = Movement & { readonly marked: number; readonly otherwise: number };

export type ContactGroupChanges = Movement & { readonly renamed: number; readonly otherwise: number };
