import type { SimulatorOptions } from '../options/options.ts';
import { API_PATH, isRandom, readQuery } from './request.ts';
import type { UserSigCheck } from './user-sig.ts';

/** The part of a request that is known when its headers have arrived. */
export interface RequestHead {
  method: string;
  path: string;
  query: string;
  /** When it was seen, monotonic milliseconds. */
  at: number;
  /** The earliest instant at which it can have arrived. */
  earliest: number;
}

/** The code of the refusal for a URL or UserSig, or 0. */
export const refuseHead = (head: RequestHead, options: SimulatorOptions, userSigs: UserSigCheck): number => {
  if (head.method !== 'POST') return 60002;
  if (head.path !== API_PATH) return 60009;
  const parameters = readQuery(head.query);
  if (parameters === null || parameters.get('contenttype') !== 'json') return 60002;
  const sdkAppId = parameters.get('sdkappid');
  if (!sdkAppId) return 60012;
  if (!/^\d{1,10}$/.test(sdkAppId)) return 60006;
  if (Number(sdkAppId) !== options.sdkAppId) return options.unknownAppCode;
  const { identifier, sdkAppId: app, clockOffset, maxSigAge, maxSigLead } = options;
  if (parameters.get('identifier') !== identifier) return 60010;
  const refused = userSigs.check(parameters.get('usersig') ?? '', identifier, app, {
    now: head.at,
    clock: Date.now() / 1000 + clockOffset,
    maxAge: maxSigAge,
    maxLead: maxSigLead,
  });
  if (refused !== 0) return refused;
  return isRandom(parameters.get('random')) ? 0 : 60002;
};
