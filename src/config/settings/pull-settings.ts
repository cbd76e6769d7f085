import type { PullSettings } from '../model/job.ts';
import type { OptionValues } from '../parse/option-values.ts';

/** The settings for pulling users, from the parsed values. */
export const pullSettings = (values: OptionValues): PullSettings => ({
  rate: values.rate,
  rateMargin: values['rate-margin'],
  concurrency: values.concurrency,
  timeoutMs: values.timeout,
  maxAttempts: values['max-attempts'],
  maxOutageMs: values['max-outage'],
  maxPages: values['max-pages'],
});
