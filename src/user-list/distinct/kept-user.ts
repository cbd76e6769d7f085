/**
 * The most bytes that are kept of one user, be it an ID or what stands for it in a plan: their number is kept in one byte. An ID has at
 * most 32, and one that is sealed 97.
 */
export const MOST_KEPT_BYTES = 255;
