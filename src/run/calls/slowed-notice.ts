/** What people are told when rate-limit errors have slowed a run, once. @param share of the rate that is left */
export const slowedNotice = (share: number, rate: number): string =>
  `rate-limit errors have slowed the run to ${Math.round(share * 100)} % of ${rate} calls/s, and it recovers as they cease: if they stay, ` +
  'something else calls this API too, or the app is allowed less; a lower --rate then wastes fewer calls';
