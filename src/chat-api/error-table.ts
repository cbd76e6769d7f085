/**
 * The class of a code decides about the call.
 *
 * - `transient`: it may pass; `transient-few`: it may, but the code also stands for lasting errors
 * - `user-few`: it may pass; otherwise it is this user's own
 * - `limit`: too many calls; slow down, all together
 * - `sign-again`: the UserSig has expired; sign a new one once
 * - `credential`, `configuration`: no call can work until the setting is fixed; stop
 * - `not-in-app`: the app has no such user
 * - `user`: this user cannot be read; `request`: this request is refused; either way the user fails
 */
export type ErrorClass =
  | 'transient'
  | 'transient-few'
  | 'user-few'
  | 'limit'
  | 'sign-again'
  | 'credential'
  | 'configuration'
  | 'not-in-app'
  | 'user'
  | 'request';

/** The setting that a refusal of the app, its key or the caller is about. */
export type Concern = 'region' | 'key' | 'admin' | 'app';

export type KnownError = {
  readonly class: ErrorClass;
  readonly description: string;
  /** A hint: what to check or change. */
  readonly hint: string;
  readonly about: Concern | null;
};

const known = (
  errorClass: ErrorClass,
  description: string,
  hint: string,
  about: Concern | null = null,
): KnownError => ({ class: errorClass, description, hint, about });

const ADDRESS = "name the app's region with --region, or with --endpoint the host alone";
const REGION = "the console shows the app's region (data center); name it with --region";
const KEY = 'compare the secret key with the console (Basic Configuration of this app); a reset changes it';
const SIGN_AGAIN = 'sign a new UserSig, or give the secret key, and check the clock of this machine';
const WAIT = 'too many failed attempts, probably with a wrong key: wait a minute, then use the right one';
const ADMIN =
  'name an admin account of the app with --identifier; the console lists them (Account Management)';
const APP = "check the app's state and plan in the console";
const IP = "add this machine's address to the app's list of allowed IP addresses";
const NOT_IN_APP =
  'take the user off the list, or import the account; --not-in-app remove removes rows of earlier runs';
const LATER = 'usually temporary: try these users again later (databases: --retry-failed last)';
const LATER_OR_PROXY =
  'try these users again later (databases: --retry-failed last); if all fail, check whether a proxy changes the requests';
const LATER_OR_GONE =
  'try these users again later (databases: --retry-failed last); if it lasts, the group no longer exists';
const SLOWER =
  "another client uses the app's quota too, or the quota is lower than --rate: lower --rate; if --rate-margin is a number, set auto";
const SLOWER_OR_ASK = 'lower --rate; if it lasts, ask the vendor what limits the app';
const USER_ID =
  'compare the user ID in the list with the console: it must be complete and belong to this app';
const REPORT = 'this program makes no call that should get this code: please report it';
const REPORT_OR_PROXY = 'check whether a proxy changes the requests; if there is none, please report it';
const BLOCK_LIST = 'take the account off the block list in the console, or the user off the list';

/**
 * The API's codes. Meanings: the vendor's page of get_contact_group and its public "Error Codes" page, cross-checked with its
 * SDKs' headers; the vendor's advice on 70016 and 70020 is from document/product/679/131708. Classes and hints are ours.
 */
export const errorTable: ReadonlyMap<number, KnownError> = new Map([
  [50001, known('not-in-app', 'the user has not been imported', NOT_IN_APP)],
  [50002, known('request', 'a parameter of the request is wrong', USER_ID)],
  [50003, known('configuration', 'the identifier must be an admin of the app', ADMIN, 'admin')],
  [50004, known('transient', 'internal server error', LATER)],
  [50005, known('transient', 'network time-out within the service', LATER)],
  [51006, known('request', 'a mark is set for none or for over 100 conversations', REPORT)],
  [
    51007,
    known(
      'user-few',
      'a group ID could not be resolved: internal error, or the group is gone',
      LATER_OR_GONE,
    ),
  ],
  [51008, known('request', 'over 1,000 conversations', REPORT)],
  [51009, known('request', 'the contact group to delete does not exist', REPORT)],
  [51010, known('request', 'over 20 contact groups', REPORT)],
  [51011, known('request', 'the name of a contact group has over 32 bytes', REPORT)],
  [51012, known('request', 'too many pinned conversations', REPORT)],
  [51013, known('configuration', "the app's plan does not include this feature", APP, 'app')],
  [60002, known('request', 'the URL could not be parsed', REPORT_OR_PROXY)],
  [60003, known('request', 'the JSON of the request could not be parsed', REPORT_OR_PROXY)],
  [60004, known('credential', 'account or UserSig is wrong', ADMIN, 'admin')],
  [60005, known('credential', 'account or UserSig is wrong', ADMIN, 'admin')],
  [60006, known('configuration', 'the SDKAppID is invalid', REGION, 'region')],
  [60007, known('limit', 'the call rate of the REST API is exceeded', SLOWER)],
  [60008, known('transient-few', 'the service timed out, or the HTTP request is malformed', LATER_OR_PROXY)],
  [60009, known('configuration', 'no such resource; the URL is wrong', ADDRESS, 'region')],
  [60010, known('configuration', 'the identifier must be an admin of the app', ADMIN, 'admin')],
  [60011, known('limit', "the app's request rate is exceeded", SLOWER)],
  [60012, known('configuration', 'the SDKAppID is missing from the URL', REGION, 'region')],
  [60013, known('transient-few', "the service's answer could not be parsed", LATER)],
  [60014, known('transient', 'exchanging the account timed out', LATER)],
  [60015, known('request', 'the account in the body is not a string', USER_ID)],
  [60016, known('configuration', 'the SDKAppID is disabled', APP, 'app')],
  [60017, known('configuration', 'the request is disabled', APP, 'app')],
  [60018, known('limit', 'too many requests', SLOWER)],
  [60019, known('limit', 'too many requests', SLOWER)],
  [60020, known('configuration', 'the plan has expired, or does not include this feature (yet)', APP, 'app')],
  [60021, known('configuration', 'calls from this IP address are not allowed', IP, 'app')],
  [70001, known('sign-again', 'the UserSig has expired', SIGN_AGAIN, 'key')],
  [70002, known('credential', 'the UserSig is empty', KEY, 'key')],
  [70003, known('credential', 'the UserSig is invalid, perhaps cut short', KEY, 'key')],
  [70005, known('credential', 'the UserSig is invalid, perhaps cut short', KEY, 'key')],
  [70009, known('credential', "the UserSig was signed with another app's key", KEY, 'key')],
  [70013, known('credential', 'the identifier differs from the one in the UserSig', ADMIN, 'admin')],
  [70014, known('credential', 'the SDKAppID differs from the one in the UserSig', KEY, 'key')],
  [
    70016,
    known(
      'configuration',
      "the app's key is not known in this region: is it the wrong region?",
      REGION,
      'region',
    ),
  ],
  [
    70020,
    known(
      'configuration',
      'the SDKAppID is not known in this region: is it the wrong region?',
      REGION,
      'region',
    ),
  ],
  [
    70050,
    known('credential', 'too many failed verifications; wait a minute before the next try', WAIT, 'key'),
  ],
  [70051, known('user', 'the account is on a block list', BLOCK_LIST)],
  [70052, known('sign-again', 'the UserSig is no longer valid', SIGN_AGAIN, 'key')],
  [70101, known('credential', 'the ticket has expired', KEY, 'key')],
  [70107, known('not-in-app', 'the account does not exist', NOT_IN_APP)],
  [70114, known('limit', 'limited for security reasons', SLOWER_OR_ASK)],
  [70169, known('transient', 'time-out in the service', LATER)],
  [70202, known('transient', 'time-out in the service', LATER)],
  [70206, known('request', 'the number of requests in a batch is invalid', REPORT)],
  [70398, known('configuration', "the app's number of accounts is used up", APP, 'app')],
  [70402, known('request', 'a parameter is invalid', USER_ID)],
  [70403, known('configuration', 'an admin of the app is needed', ADMIN, 'admin')],
  [70500, known('transient', 'internal server error', LATER)],
  [71000, known('configuration', 'only trial apps may do this', APP, 'app')],
  [72000, known('configuration', "the trial app's daily active users are used up", APP, 'app')],
  [72001, known('configuration', 'the user status feature is not switched on', APP, 'app')],
]);

/** Hints for calls that ended before the API answered. */
export const unansweredHints = {
  unreached: 'check the network path to the API: name resolution, proxy (HTTPS_PROXY, NO_PROXY), firewall',
  late: 'usually temporary; if it lasts, check the network path to the API, or raise --timeout',
  otherStatus: 'a proxy or a gateway answers instead of the API; check it if this lasts',
  malformed:
    'check whether a proxy or a gateway answers instead of the API; if there is none, please report it',
  files: 'raise the limit of open files (ulimit -n), or lower --concurrency',
  proxy: 'check the proxy',
  untrusted: 'check which server answers there',
  unknownRoot:
    'if a proxy or a firewall of your company answers in its place, give its CA certificates with --ca-file FILE',
  expired: "check this machine's clock; if it is right, the server's operator must renew the certificate",
} as const;
