import { createHmac, timingSafeEqual } from 'node:crypto';
import { inflateSync } from 'node:zlib';

/** The fields of a UserSig that was signed with the right key. */
interface SignedFields {
  identifier: string;
  sdkAppId: number;
  /** Unix seconds. */
  time: number;
  /** Seconds from `time`. */
  expire: number;
}

/** The vendor's codes for a refused UserSig. */
export type UserSigCode = 70001 | 70002 | 70003 | 70009 | 70013 | 70014 | 70050;

/** The clocks and limits for checking a UserSig. */
export interface SigTiming {
  /** Monotonic milliseconds. */
  now: number;
  /** The service's clock, unix seconds. */
  clock: number;
  /** Seconds after which a UserSig counts as expired, whatever it claims. */
  maxAge: number | null;
  /** Seconds by which it may be signed in the future. */
  maxLead: number | null;
}

const MAX_FAILURES = 10;
const FAILURES_WINDOW_MS = 60_000;
const MAX_REMEMBERED = 1_000;

const unpack = (sig: string): Record<string, unknown> | null => {
  if (!/^[A-Za-z0-9*_-]+$/.test(sig)) return null;
  const base64 = sig.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '=');
  try {
    const json = inflateSync(Buffer.from(base64, 'base64'), { maxOutputLength: 65_536 }).toString('utf8');
    const fields: unknown = JSON.parse(json);
    return typeof fields === 'object' && fields !== null ? { ...fields } : null;
  } catch {
    return null;
  }
};

const sameText = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** Checks UserSigs as TLSSigAPIv2 makes them (algorithm from the vendor's published signers). */
export class UserSigCheck {
  #secretKey: string;
  readonly #known = new Map<string, SignedFields>();
  #failures: number[] = [];

  constructor(secretKey: string) {
    this.#secretKey = secretKey;
  }

  /** Changes the key. A UserSig of the old key is refused. */
  useSecretKey(secretKey: string): void {
    if (secretKey === this.#secretKey) return;
    this.#secretKey = secretKey;
    this.#known.clear();
  }

  /** The code of the refusal of a UserSig, or 0. */
  check(
    sig: string,
    identifier: string,
    sdkAppId: number,
    { now, clock, maxAge, maxLead }: SigTiming,
  ): UserSigCode | 0 {
    if (this.#lockedOut(now)) return 70050;
    if (sig === '') return 70002;
    const fields = this.#known.get(sig) ?? this.#verify(sig);
    if (typeof fields === 'number') {
      this.#failures.push(now);
      return fields;
    }
    if (fields.identifier !== identifier) return 70013;
    if (fields.sdkAppId !== sdkAppId) return 70014;
    // The vendor documents no code for this. A UserSig from the future is treated like a damaged one.
    if (maxLead !== null && fields.time > clock + maxLead) return 70003;
    const lifetime = maxAge === null ? fields.expire : Math.min(fields.expire, maxAge);
    return clock > fields.time + lifetime ? 70001 : 0;
  }

  #lockedOut(now: number): boolean {
    if (this.#failures.length === 0) return false;
    this.#failures = this.#failures.filter((at) => at > now - FAILURES_WINDOW_MS);
    return this.#failures.length >= MAX_FAILURES;
  }

  #verify(sig: string): SignedFields | 70003 | 70009 {
    const fields = unpack(sig);
    if (!fields) return 70003;
    const identifier = fields['TLS.identifier'];
    const sdkAppId = fields['TLS.sdkappid'];
    const time = fields['TLS.time'];
    const expire = fields['TLS.expire'];
    const userbuf = fields['TLS.userbuf'];
    const signature = fields['TLS.sig'];
    if (fields['TLS.ver'] !== '2.0' || typeof identifier !== 'string' || typeof signature !== 'string')
      return 70003;
    if (typeof sdkAppId !== 'number' || typeof time !== 'number' || typeof expire !== 'number') return 70003;
    let text = `TLS.identifier:${identifier}\nTLS.sdkappid:${sdkAppId}\nTLS.time:${time}\nTLS.expire:${expire}\n`;
    if (userbuf !== undefined) text += `TLS.userbuf:${userbuf}\n`;
    const expected = createHmac('sha256', this.#secretKey).update(text).digest('base64');
    if (!sameText(signature, expected)) return 70009;
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    const verified = { identifier, sdkAppId, time, expire };
    this.#known.set(sig, verified);
    return verified;
  }
}
