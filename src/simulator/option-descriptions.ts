import type { SimulatorOptions } from './options.ts';

/** What help says of an option. */
type Described = {
  readonly group: 'Service' | 'Users and their content' | 'Pages' | 'Quota and faults';
  /** What stands for its value. */
  readonly placeholder: string;
  /** One sentence, with the unit. */
  readonly describe: string;
};

export const optionDescriptions: Readonly<Record<keyof SimulatorOptions, Described>> = {
  host: { group: 'Service', placeholder: 'ADDRESS', describe: 'Address to listen on.' },
  port: { group: 'Service', placeholder: 'N', describe: 'Port to listen on; 0 lets the system choose.' },
  sdkAppId: { group: 'Service', placeholder: 'N', describe: 'The only app it knows.' },
  unknownAppCode: {
    group: 'Service',
    placeholder: 'CODE',
    describe: 'The code for any other app, as at the host of a wrong region: 70020 or 70016.',
  },
  identifier: { group: 'Service', placeholder: 'ACCOUNT', describe: "The app's only administrator." },
  secretKey: {
    group: 'Service',
    placeholder: 'KEY',
    describe: "The app's key; the default is the sample key that the vendor publishes.",
  },
  maxSigAge: {
    group: 'Service',
    placeholder: 'SECONDS',
    describe: 'UserSigs older than so many seconds count as expired; null: as they say.',
  },
  clockOffset: {
    group: 'Service',
    placeholder: 'SECONDS',
    describe: "Seconds by which the service's clock is ahead of this machine's; negative: behind.",
  },
  maxSigLead: {
    group: 'Service',
    placeholder: 'SECONDS',
    describe: 'UserSigs signed more than so many seconds in its future are refused (70003); null: none.',
  },
  seed: {
    group: 'Users and their content',
    placeholder: 'N',
    describe: 'A number that decides all content.',
  },
  users: { group: 'Users and their content', placeholder: 'N', describe: 'Users on the list.' },
  oddUserIds: {
    group: 'Users and their content',
    placeholder: 'SHARE',
    describe: 'Share of users with odd IDs (not ASCII, commas, quotes), 0 to 1.',
  },
  empty: {
    group: 'Users and their content',
    placeholder: 'SHARE',
    describe: 'Share of users without conversations and contact groups.',
  },
  notImported: {
    group: 'Users and their content',
    placeholder: 'SHARE',
    describe: 'Share of users who are on the list but not in the app (50001, 70107).',
  },
  failing: {
    group: 'Users and their content',
    placeholder: 'SHARE',
    describe: 'Share of users whose calls always fail (50004, 50002, 51007).',
  },
  endless: {
    group: 'Users and their content',
    placeholder: 'SHARE',
    describe: 'Share of users whose pages never end.',
  },
  unreadable: {
    group: 'Users and their content',
    placeholder: 'SHARE',
    describe: 'Share of users with a page that cannot be understood, such as an ID with half a character.',
  },
  unknownTypes: {
    group: 'Users and their content',
    placeholder: 'SHARE',
    describe: 'Share of the ordinary users who have items of a Type that is neither 1 nor 2 as well.',
  },
  failingFromNight2: {
    group: 'Users and their content',
    placeholder: 'SHARE',
    describe: 'Share of the others who fail from night 2 on.',
  },
  notImportedFromNight2: {
    group: 'Users and their content',
    placeholder: 'SHARE',
    describe: 'Share of the others who leave the app before night 2.',
  },
  conversations: {
    group: 'Users and their content',
    placeholder: 'N',
    describe: 'Most conversations of a user; most users have few.',
  },
  night: {
    group: 'Users and their content',
    placeholder: 'N',
    describe: 'Which night it is, from 1: the content changes from night to night.',
  },
  changed: {
    group: 'Users and their content',
    placeholder: 'SHARE',
    describe: 'Share of users whose content differs from the night before.',
  },
  oddities: {
    group: 'Users and their content',
    placeholder: 'true|false',
    describe: 'The legal but odd forms of answers: true or false.',
  },
  duplicates: {
    group: 'Users and their content',
    placeholder: 'SHARE',
    describe: 'Share of users written twice into the list.',
  },
  pageSize: { group: 'Pages', placeholder: 'N', describe: 'Conversations on a page.' },
  groupItems: {
    group: 'Pages',
    placeholder: 'WHICH',
    describe: 'Pages that name the contact groups: first, all, or any (by user).',
  },
  rate: {
    group: 'Quota and faults',
    placeholder: 'N',
    describe: 'The quota: calls in any 1,000 ms, by arrival.',
  },
  overRateCode: {
    group: 'Quota and faults',
    placeholder: 'CODE',
    describe: 'The code of calls beyond the quota: 60007 or 60011.',
  },
  otherCalls: {
    group: 'Quota and faults',
    placeholder: 'N',
    describe: 'Calls a second by a second consumer of the quota, evenly.',
  },
  otherCallsSeconds: {
    group: 'Quota and faults',
    placeholder: '[FROM, TO]',
    describe: 'When it calls, in seconds since the first call, as [from, to]; null: always.',
  },
  latency: {
    group: 'Quota and faults',
    placeholder: '[MIN, MAX]',
    describe: 'Least and most milliseconds from arrival to answer.',
  },
  faults: {
    group: 'Quota and faults',
    placeholder: '{FAULT: SHARE}',
    describe:
      'Shares of calls that meet a fault, by code or as http502, reset, cut, stall, garbage, oversized …',
  },
  script: {
    group: 'Quota and faults',
    placeholder: '[FAULT, …]',
    describe:
      'Faults by plan: a list of {fault, calls: [from, to]}, {fault, seconds: [from, to]}, {fault, user, times}; ' +
      'an outage for everybody is one of down, http502 or 50004 over so many seconds since the first call.',
  },
  stallMs: {
    group: 'Quota and faults',
    placeholder: 'MS',
    describe: 'Milliseconds until a stalled call is answered after all; null: never.',
  },
};
