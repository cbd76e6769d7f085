/**
 * The most bytes of one stored user, as an ID or in the form of the plan: the length is one byte. An ID has at most 32, a sealed
 * ID 97.
 */
export const MAX_KEPT_BYTES = 255;
