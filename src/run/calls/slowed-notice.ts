/** The notice when rate-limit errors throttle a run for the first time. @param share of the rate that is left */
export const slowedNotice = (share: number, rate: number): string =>
  `rate limited by the API: now at ${Math.round(share * 100)} % of ${rate} calls/s. If this lasts, another client shares the quota, ` +
  'or the quota is lower than --rate: lower --rate';
