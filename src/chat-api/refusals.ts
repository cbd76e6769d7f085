/** Which setting a refusal is about, and what to do. */
export type Refusal = { readonly about: 'key' | 'region' | 'admin' | 'app'; readonly next: string };

const KEY =
  'compare the secret key with the console (Basic Configuration of this very app); it is also another one after a reset';
const REGION = "the console says the app's region (data center); name it with --region";
const ADMIN =
  'name an admin account of the app with --identifier; the console lists them (Account Management)';
const APP = "look at the app's state and plan in the console";

const about = (
  codes: readonly number[],
  concern: Refusal['about'],
  next: string,
): (readonly [number, Refusal])[] => codes.map((code) => [code, { about: concern, next }]);

/**
 * The codes that refuse the app, its key or the caller, by what has to be mended; meanings are in the error table.
 * Source: the vendor's "Error Codes" page and its advice on 70016 and 70020 (document/product/679/131708).
 */
export const refusals: ReadonlyMap<number, Refusal> = new Map([
  ...about([70016, 70020, 60006, 60012], 'region', REGION),
  ...about([70002, 70003, 70005, 70009, 70014, 70101], 'key', KEY),
  ...about(
    [70001, 70052],
    'key',
    'sign a new UserSig, or give the secret key; and look at the clock of this machine',
  ),
  ...about(
    [70050],
    'key',
    'too many failed tries before this one, so the key was probably wrong then: wait a minute, then try the right one',
  ),
  ...about([50003, 60004, 60005, 60010, 70013, 70403], 'admin', ADMIN),
  ...about([51013, 60016, 60017, 60020, 70398, 71000, 72000, 72001], 'app', APP),
  ...about([60021], 'app', "add this machine's address to the app's list of allowed IP addresses"),
]);
