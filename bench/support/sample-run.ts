import type { NewRun } from '../../src/destinations/contract/destination.ts';
import { defaultOptions } from '../../src/simulator/options/options.ts';

// The default of a job.
const CHUNK_SIZE = 200;

/** A run of a list with so many users, each on one line. */
export const sampleRun = (users: number): NewRun => ({
  job: 'bench',
  sdkAppId: defaultOptions.sdkAppId,
  endpoint: 'http://127.0.0.1',
  retryOfRun: null,
  rowFormat: 1,
  keyFingerprint: null,
  freeTextDropped: false,
  list: {
    lines: users,
    users,
    beyondLimit: 0,
    duplicates: 0,
    bad: 0,
    blank: 0,
    suppressed: 0,
    digest: '',
  },
  chunkSize: CHUNK_SIZE,
});
