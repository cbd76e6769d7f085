/** The hosts of one region: the one to call, and the vendor's second host for a hijacked DNS name. */
export type RegionHosts = { readonly host: string; readonly backupHost: string };

/**
 * The vendor's data centres. An app lives in exactly one; another one's host answers 70016 or 70020.
 * Source: the vendor's "REST API" overview (document/product/1047/34620), Tokyo from the page of
 * get_contact_group (document/product/1047/53440).
 */
export const regions = {
  china: { host: 'console.tim.qq.com', backupHost: 'adminapi.my-imcloud.com' },
  singapore: { host: 'adminapisgp.im.qcloud.com', backupHost: 'adminapisgp.my-imcloud.com' },
  seoul: { host: 'adminapikr.im.qcloud.com', backupHost: 'adminapikr.my-imcloud.com' },
  tokyo: { host: 'adminapijpn.im.qcloud.com', backupHost: 'adminapijpn.my-imcloud.com' },
  frankfurt: { host: 'adminapiger.im.qcloud.com', backupHost: 'adminapiger.my-imcloud.com' },
  'silicon-valley': { host: 'adminapiusa.im.qcloud.com', backupHost: 'adminapiusa.my-imcloud.com' },
  jakarta: { host: 'adminapiidn.im.qcloud.com', backupHost: 'adminapiidn.my-imcloud.com' },
} as const satisfies Record<string, RegionHosts>;

export type Region = keyof typeof regions;

/** The origin to call for a region. */
export const regionEndpoint = (region: Region): string => `https://${regions[region].host}`;
