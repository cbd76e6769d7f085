/**
 * What can go wrong with one call. Five digits: a FAIL answer with that code. `http502` and the like: that status
 * with an HTML body. `reset`: the socket is destroyed unanswered. `cut`: destroyed in the middle of the body. `stall`:
 * no answer until the client leaves or `stallMs` have passed. `garbage`: status 200 with HTML. `truncatedJson`: half
 * of the JSON, as if it were all. `oversized`: a body over 8 MB. `plainText`: the right answer, called text/plain. `down`:
 * every client's socket is destroyed at once.
 */
export type Fault =
  | `${number}`
  | `http${number}`
  | 'reset'
  | 'cut'
  | 'stall'
  | 'garbage'
  | 'truncatedJson'
  | 'oversized'
  | 'plainText'
  | 'down';

/** A fault by plan: for calls (counted from 1, both ends included), for seconds since the first call, or for a user. */
export type ScriptedFault =
  | { fault: Fault; calls: [from: number, to: number] }
  | { fault: Fault; seconds: [from: number, to: number] }
  | { fault: Fault; user: string; times: number };

/** Everything the simulator can be told. Shares are fractions of all users, 0 to 1. */
export interface SimulatorOptions {
  /** Address to listen on. Default 127.0.0.1 */
  host: string;
  /** 0 lets the system choose. Default 0 */
  port: number;
  /** The only app the simulator knows. Default 1400000000 */
  sdkAppId: number;
  /** The code for any other app, as at the host of a wrong region. Default 70020 */
  unknownAppCode: 70020 | 70016;
  /** The app's only administrator. Default `administrator` */
  identifier: string;
  /** The app's key. Default: the sample key of the vendor's own README */
  secretKey: string;
  /** UserSigs older than so many seconds count as expired, whatever they say. Default null: as they say */
  maxSigAge: number | null;
  /** Seconds by which the service's clock is ahead of this machine's; negative when it is behind. Default 0 */
  clockOffset: number;
  /** UserSigs signed more than so many seconds in the service's future are refused (70003). Default null: none is */
  maxSigLead: number | null;

  /** Decides all content. Default 1 */
  seed: number;
  /** How many users the list has. Default 1000 */
  users: number;
  /** Share of users with odd IDs (UTF-8, commas, quotes). Default 0.02 */
  oddUserIds: number;
  /** Share of users who have no conversations and no contact groups. Default 0 */
  empty: number;
  /** Share of users who are on the list but not in the app (50001, 70107). Default 0 */
  notImported: number;
  /** Share of users whose calls always fail (50004, 50002, 51007). Default 0 */
  failing: number;
  /** Share of users whose pages never end. Default 0 */
  endless: number;
  /** Share of users with a page that cannot be understood. Default 0 */
  unreadable: number;
  /** Share of the ordinary users who have items of a Type that is neither 1 nor 2. Default 0 */
  unknownTypes: number;
  /** Share of the others who fail from night 2 on. Default 0 */
  failingFromNight2: number;
  /** Share of the others who leave the app before night 2. Default 0 */
  notImportedFromNight2: number;
  /** Most conversations of a user; most users have few. Default 40 */
  conversations: number;
  /** Which night it is, from 1. Default 1 */
  night: number;
  /** Share of users whose content differs from the night before. Default 0.1 */
  changed: number;
  /** Turns the legal but odd forms of answers on. Default false */
  oddities: boolean;
  /** Share of users written twice into the list of users. Default 0 */
  duplicates: number;

  /** Conversations on a page. Default 5 */
  pageSize: number;
  /** Pages that carry GroupItem; `any` picks first, all or last by user. Default any */
  groupItems: 'first' | 'all' | 'any';

  /** Calls in any 1,000 ms, by arrival. Default 200 */
  rate: number;
  /** The code of calls beyond the rate. Default 60007 */
  overRateCode: 60007 | 60011;
  /** Calls a second that a second consumer of the quota makes, evenly. Default 0 */
  otherCalls: number;
  /** When it does, in seconds since the first call. Default null: always, and before that call too */
  otherCallsSeconds: [from: number, to: number] | null;
  /** Milliseconds from arrival to answer, least and most. Default [0, 0] */
  latency: [min: number, max: number];
  /** Shares of calls that meet a fault. Default {} */
  faults: Partial<Record<Fault, number>>;
  /** Faults by plan; they come before `faults`. Default [] */
  script: ScriptedFault[];
  /** Milliseconds after which a stalled call is answered after all. Default null: never */
  stallMs: number | null;
}

export const defaultOptions: SimulatorOptions = {
  host: '127.0.0.1',
  port: 0,
  sdkAppId: 1400000000,
  unknownAppCode: 70020,
  identifier: 'administrator',
  secretKey: '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e',
  maxSigAge: null,
  clockOffset: 0,
  maxSigLead: null,
  seed: 1,
  users: 1000,
  oddUserIds: 0.02,
  empty: 0,
  notImported: 0,
  failing: 0,
  endless: 0,
  unreadable: 0,
  unknownTypes: 0,
  failingFromNight2: 0,
  notImportedFromNight2: 0,
  conversations: 40,
  night: 1,
  changed: 0.1,
  oddities: false,
  duplicates: 0,
  pageSize: 5,
  groupItems: 'any',
  rate: 200,
  overRateCode: 60007,
  otherCalls: 0,
  otherCallsSeconds: null,
  latency: [0, 0],
  faults: {},
  script: [],
  stallMs: null,
};

/** What may change while the simulator runs. */
export type SimulatorPatch = Partial<
  Pick<
    SimulatorOptions,
    | 'night'
    | 'secretKey'
    | 'maxSigAge'
    | 'clockOffset'
    | 'maxSigLead'
    | 'rate'
    | 'overRateCode'
    | 'otherCalls'
    | 'otherCallsSeconds'
    | 'latency'
    | 'faults'
    | 'script'
    | 'stallMs'
  >
>;
