import { signUserSig } from './user-sig.ts';

/** A text that is hidden unless it is asked for. */
export type Revealable = { reveal(): string };

/** The credential of calls: the app's key, or a UserSig that was signed elsewhere. */
export type CredentialSource =
  | { readonly kind: 'secretKey'; readonly secretKey: Revealable }
  | { readonly kind: 'userSig'; readonly userSig: Revealable };

// The vendor recommends at least 24 hours (error text of 70001). A longer run renews it on the way.
const LIFETIME_S = 24 * 3600;
const RENEW_BEFORE_END_S = 3600;

/** The UserSig for the next call. It is signed again before it expires if the key is known. */
export class Credentials {
  readonly #source: CredentialSource;
  readonly #sdkAppId: number;
  readonly #identifier: string;
  #userSig = '';
  #renewAt = 0;

  constructor(source: CredentialSource, app: { readonly sdkAppId: number; readonly identifier: string }) {
    this.#source = source;
    this.#sdkAppId = app.sdkAppId;
    this.#identifier = app.identifier;
  }

  /** Secrets other than the UserSig itself. */
  get secrets(): readonly string[] {
    return this.#source.kind === 'secretKey' ? [this.#source.secretKey.reveal()] : [];
  }

  /** The UserSig to call with now. */
  current(): string {
    if (this.#source.kind === 'userSig') return this.#source.userSig.reveal();
    const now = Math.floor(Date.now() / 1000);
    // After the clock was set back, a signature from the future would be kept for too long.
    const fromFuture = this.#renewAt > now + LIFETIME_S;
    if (now >= this.#renewAt || fromFuture) this.#sign(now, this.#source.secretKey);
    return this.#userSig;
  }

  /**
   * The server says that this UserSig is no longer valid. True when there is a newer one to try, which all calls that were
   * refused together share; false when nothing can be signed here.
   */
  renew(refused: string): boolean {
    if (this.#source.kind === 'userSig') return false;
    if (this.#userSig === refused) this.#sign(Math.floor(Date.now() / 1000), this.#source.secretKey);
    return true;
  }

  #sign(now: number, secretKey: Revealable): void {
    const claims = {
      sdkAppId: this.#sdkAppId,
      identifier: this.#identifier,
      issuedAt: now,
      lifetime: LIFETIME_S,
    };
    this.#userSig = signUserSig(claims, secretKey.reveal());
    this.#renewAt = now + LIFETIME_S - RENEW_BEFORE_END_S;
  }
}
