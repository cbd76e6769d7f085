/** The vendor's own signer, the oracle of ours; it comes without types. */
declare module 'tls-sig-api-v2' {
  export class Api {
    constructor(sdkAppId: number, key: string);
    genUserSig(identifier: string, expire: number): string;
  }
}
