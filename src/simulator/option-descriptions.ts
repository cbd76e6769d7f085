import type { SimulatorOptions } from './options.ts';

/** One sentence for each option, with its unit, for help. */
export const optionDescriptions: Readonly<Record<keyof SimulatorOptions, string>> = {
  host: 'Address to listen on',
  port: 'Port to listen on; 0 lets the system choose',
  sdkAppId: 'The only app it knows',
  identifier: "The app's only administrator",
  secretKey: "The app's key; the default is the sample key that the vendor publishes",
  maxSigAge: 'UserSigs older than so many seconds count as expired; null: as they say',
  seed: 'A number that decides all content',
  users: 'Users on the list',
  oddUserIds: 'Share of users with odd IDs (not ASCII, commas, quotes), 0 to 1',
  empty: 'Share of users without conversations and contact groups',
  notImported: 'Share of users who are on the list but not in the app (50001, 70107)',
  failing: 'Share of users whose calls always fail (50004, 50002, 51007)',
  endless: 'Share of users whose pages never end',
  failingFromNight2: 'Share of the others who fail from night 2 on',
  notImportedFromNight2: 'Share of the others who leave the app before night 2',
  conversations: 'Most conversations of a user; most users have few',
  night: 'Which night it is, from 1: the content changes from night to night',
  changed: 'Share of users whose content differs from the night before',
  oddities: 'The legal but odd forms of answers: true or false',
  duplicates: 'Share of users written twice into the list',
  pageSize: 'Conversations on a page',
  groupItems: 'Pages that name the contact groups: first, all, or any (by user)',
  rate: 'The quota: calls in any 1,000 ms, by arrival',
  overRateCode: 'The code of calls beyond the quota: 60007 or 60011',
  latency: 'Least and most milliseconds from arrival to answer',
  faults: 'Shares of calls that meet a fault, by code or as http502, reset, cut, stall, garbage, oversized …',
  script:
    'Faults by plan: a list of {fault, calls: [from, to]}, {fault, seconds: [from, to]}, {fault, user, times}',
  stallMs: 'Milliseconds until a stalled call is answered after all; null: never',
};
