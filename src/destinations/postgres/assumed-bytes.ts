/**
 * Bytes that a conversation takes in a database, with its indexes, where nothing can be measured yet. `check` measures 380 after
 * an export of `simulate --users 3000 --conversations 49`.
 */
export const assumedBytesInDatabase = { kept: 390, whileAtWork: 0 } as const;
