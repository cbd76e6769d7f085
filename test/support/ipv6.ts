import { networkInterfaces } from 'node:os';

/** Whether this machine can listen on `::1`. */
export const hasIpv6Loopback = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
