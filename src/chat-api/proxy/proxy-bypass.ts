import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/**
 * Whether NO_PROXY exempts the host of a URL. Entries, between commas or spaces, as curl, Go and Node.js read them: `*` is every
 * host; `example.com`, `.example.com` and `*.example.com` are that host and all below it; an address is itself (`::1` or
 * `[::1]`), `10.0.0.0/8` a network; `:PORT` after any entry but a network limits it to that port.
 */
export function bypassesProxy(url: URL, noProxy: string): boolean {
  const port = url.port === '' ? defaultPort(url.protocol) : url.port;
  const host = canonical(url.hostname);
  return noProxy.split(/[,\s]+/).some((entry) => {
    if (entry === '') return false;
    if (entry === '*') return true;
    if (entry.includes('/')) return isInNetwork(host, entry);
    const match = /^(.*?)(?::(\d+))?$/.exec(entry);
    const hasPort = match?.[2] !== undefined && !isIPv6(entry);
    if (hasPort && match[2] !== port) return false;
    const name = canonical((hasPort ? (match[1] ?? '') : entry).replace(/^\*?\./, ''));
    return host === name || (name !== '' && isIP(host) === 0 && host.endsWith(`.${name}`));
  });
}

const defaultPort = (protocol: string): string => (protocol === 'https:' ? '443' : '80');

/** The normal form of a host: lower case, no brackets, no final dot, IPv6 as in the URL standard. */
function canonical(host: string): string {
  const bare = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (isIPv6(bare)) return new URL(`http://[${bare}]`).hostname.slice(1, -1);
  return bare.replace(/\.$/, '');
}

function isInNetwork(host: string, network: string): boolean {
  const [, address = '', bits = ''] = /^(.*)\/(\d{1,3})$/.exec(network) ?? [];
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const isHostOfFamily = family === 'ipv4' ? isIPv4(host) : isIPv6(host) && isIPv6(address);
  if (!isHostOfFamily || Number(bits) > (family === 'ipv4' ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family);
  return list.check(host, family);
}
