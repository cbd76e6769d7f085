import type { Argument } from './command.ts';

/** The job file that a command takes, and what it takes it for. */
export const jobArgument = (what = ''): Argument => ({ name: 'job', describe: `A job file (YAML)${what}.` });
