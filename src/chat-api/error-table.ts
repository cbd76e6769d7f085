/**
 * What a code asks for.
 *
 * - `transient`: it may pass; `transient-few`: it may, but the code also stands for something that will not
 * - `user-few`: it may pass, and when it does not, it is this user's own
 * - `limit`: too many calls; slow down, all together
 * - `sign-again`: the UserSig has expired; sign a new one once
 * - `credential`, `configuration`: nothing will work until somebody mends it; stop
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

export type KnownError = { readonly class: ErrorClass; readonly meaning: string };

const known = (errorClass: ErrorClass, meaning: string): KnownError => ({ class: errorClass, meaning });

/**
 * The API's codes. Meanings: the vendor's page of get_contact_group and its public "Error Codes" page, cross-checked
 * with its SDKs' headers; classes are ours.
 */
export const errorTable: ReadonlyMap<number, KnownError> = new Map([
  [50001, known('not-in-app', 'the user has not been imported')],
  [50002, known('request', 'a parameter of the request is wrong')],
  [50003, known('configuration', 'the identifier must be an admin of the app')],
  [50004, known('transient', 'internal server error')],
  [50005, known('transient', 'network time-out within the service')],
  [51006, known('request', 'a mark is set for none or for over 100 conversations')],
  [51007, known('user-few', 'a group ID could not be resolved: internal error, or the group is gone')],
  [51008, known('request', 'over 1,000 conversations')],
  [51009, known('request', 'the contact group to delete does not exist')],
  [51010, known('request', 'over 20 contact groups')],
  [51011, known('request', 'the name of a contact group has over 32 bytes')],
  [51012, known('request', 'too many pinned conversations')],
  [51013, known('configuration', "the app's plan does not include this feature")],
  [60002, known('request', 'the URL could not be parsed')],
  [60003, known('request', 'the JSON of the request could not be parsed')],
  [60004, known('credential', 'account or UserSig is wrong')],
  [60005, known('credential', 'account or UserSig is wrong')],
  [60006, known('configuration', 'the SDKAppID is invalid')],
  [60007, known('limit', 'the call rate of the REST API is exceeded')],
  [60008, known('transient-few', 'the service timed out, or the HTTP request is malformed')],
  [60009, known('configuration', 'no such resource; the URL is wrong')],
  [60010, known('configuration', 'the identifier must be an admin of the app')],
  [60011, known('limit', "the app's request rate is exceeded")],
  [60012, known('configuration', 'the SDKAppID is missing from the URL')],
  [60013, known('transient-few', "the service's answer could not be parsed")],
  [60014, known('transient', 'exchanging the account timed out')],
  [60015, known('request', 'the account in the body is not a string')],
  [60016, known('configuration', 'the SDKAppID is disabled')],
  [60017, known('configuration', 'the request is disabled')],
  [60018, known('limit', 'too many requests')],
  [60019, known('limit', 'too many requests')],
  [60020, known('configuration', 'the plan has expired, or does not include this feature (yet)')],
  [60021, known('configuration', 'calls from this IP address are not allowed')],
  [70001, known('sign-again', 'the UserSig has expired')],
  [70002, known('credential', 'the UserSig is empty')],
  [70003, known('credential', 'the UserSig is invalid, perhaps cut short')],
  [70005, known('credential', 'the UserSig is invalid, perhaps cut short')],
  [70009, known('credential', "the UserSig was signed with another app's key")],
  [70013, known('credential', 'the identifier differs from the one in the UserSig')],
  [70014, known('credential', 'the SDKAppID differs from the one in the UserSig')],
  [70016, known('configuration', "the app's key is not known in this region: is it the wrong region?")],
  [70020, known('configuration', 'the SDKAppID is not known in this region: is it the wrong region?')],
  [70050, known('credential', 'too many failed verifications; wait a minute before the next try')],
  [70051, known('user', 'the account is on a block list')],
  [70052, known('sign-again', 'the UserSig is no longer valid')],
  [70101, known('credential', 'the ticket has expired')],
  [70107, known('not-in-app', 'the account does not exist')],
  [70114, known('limit', 'limited for security reasons')],
  [70169, known('transient', 'time-out in the service')],
  [70202, known('transient', 'time-out in the service')],
  [70206, known('request', 'the number of requests in a batch is invalid')],
  [70398, known('configuration', "the app's number of accounts is used up")],
  [70402, known('request', 'a parameter is invalid')],
  [70403, known('configuration', 'an admin of the app is needed')],
  [70500, known('transient', 'internal server error')],
  [71000, known('configuration', 'only trial apps may do this')],
  [72000, known('configuration', "the trial app's daily active users are used up")],
  [72001, known('configuration', 'the user status feature is not switched on')],
]);
