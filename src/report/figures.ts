/** A whole number with thousands separated: 12,345. */
export const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');

/** A share as a percentage with one decimal: 98.7 %. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** A time span in the two largest units that it needs: 42 s, 3 min 20 s, 13 h 53 min. */
export function timeSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
