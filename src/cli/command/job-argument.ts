import type { Argument } from './command.ts';

/** The job file argument of a command, and its use there. */
export const jobArgument = (what = ''): Argument => ({ name: 'job', describe: `A job file (YAML)${what}.` });
