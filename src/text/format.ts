/** A whole number with thousands separated: 12,345. */
export const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Calls a second; a quota can be below one: 200, 12.5, 0.4. */
export const rateText = (rate: number): string =>
  rate >= 100 || Number.isInteger(rate) ? grouped(rate) : String(Number(rate.toPrecision(rate < 10 ? 2 : 3)));

/** A short time as whole milliseconds: 14 ms. */
export const milliseconds = (ms: number): string => `${grouped(ms)} ms`;

/** A share as a percentage with one decimal: 98.7 %. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** A time span in its two largest units: 4.2 s, 42 s, 3 min 20 s, 13 h 53 min. */
export function timeSpan(ms: number): string {
  // Negative when the clock was set back.
  const seconds = Math.max(0, ms / 1000);
  if (Number.isInteger(seconds) && seconds < 60) return `${seconds} s`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return inTwo(minutes, 'min', whole % 60, 's');
  return inTwo(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

const inTwo = (many: number, unit: string, few: number, smaller: string): string =>
  few === 0 ? `${many} ${unit}` : `${many} ${unit} ${few} ${smaller}`;
