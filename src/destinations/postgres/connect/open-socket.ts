import { promises as dns, type LookupAddress } from 'node:dns';
import { connect, isIP, type Socket } from 'node:net';
import { withTimeout } from '../../../resilience/timeout.ts';
import { ServerUnresponsive } from './server-errors.ts';

// As RFC 8305 proposes. Unlike in Node.js, a slower attempt continues beside the next one.
const NEXT_ADDRESS_AFTER_MS = 250;

/**
 * Connects to a database server: by a socket's directory, by a name or by an address. A name may have several addresses.
 * @throws the system's error; {ServerUnresponsive} when there is no connection within so many milliseconds
 */
export const openSocket = (address: string, port: number, withinMs: number): Promise<Socket> =>
  connectToFirst(findPlaces(address, port), withinMs);

/** Tries the addresses one after the other, and side by side when they are slow. The first that answers is used. */
export async function connectToFirst(
  finding: Promise<readonly Place[]> | readonly Place[],
  withinMs: number,
): Promise<Socket> {
  const until = performance.now() + withinMs;
  const inTime = <T>(work: Promise<T>): Promise<T> =>
    withTimeout(work, {
      ms: until - performance.now(),
      onTimeout: () => {
        throw new ServerUnresponsive(`no answer within ${Math.round(withinMs / 1000)} s`);
      },
    });
  const { socket, giveUp } = connectFirst(await inTime(Promise.resolve(finding)));
  let taken: Socket | null = null;
  try {
    taken = await inTime(socket);
    return taken;
  } finally {
    giveUp(taken);
  }
}

type Place = { readonly path: string } | { readonly host: string; readonly port: number };

async function findPlaces(address: string, port: number): Promise<readonly Place[]> {
  if (address.startsWith('/')) return [{ path: `${address}/.s.PGSQL.${port}` }];
  if (isIP(address) !== 0) return [{ host: address, port }];
  const found = await dns.lookup(address, { all: true, verbatim: true });
  return byTurns(found).map(({ address: host }) => ({ host, port }));
}

/** Alternates between the address families, starting with the one that the system puts first. */
function byTurns(addresses: readonly LookupAddress[]): readonly LookupAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const second = addresses.filter(({ family }) => family !== addresses[0]?.family);
  return Array.from({ length: Math.max(first.length, second.length) }, (_, i) => [first[i], second[i]])
    .flat()
    .filter((address) => address !== undefined);
}

/** The first address that answers. `giveUp` aborts all attempts, or all but one. */
function connectFirst(places: readonly Place[]): {
  readonly socket: Promise<Socket>;
  readonly giveUp: (but: Socket | null) => void;
} {
  const attempts: Socket[] = [];
  let timer: NodeJS.Timeout | undefined;
  const errors: Error[] = [];
  const socket = new Promise<Socket>((resolve, reject) => {
    const attempt = (): void => {
      clearTimeout(timer);
      const place = places[attempts.length];
      if (place === undefined) return;
      const socket = connect(place);
      attempts.push(socket);
      timer = setTimeout(attempt, NEXT_ADDRESS_AFTER_MS);
      const failed = (error: Error): void => {
        errors.push(error);
        if (errors.length === places.length) reject(oneError(errors));
        else attempt();
      };
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.off('error', failed);
        resolve(socket);
      });
    };
    attempt();
  });
  socket.catch(() => {});
  const giveUp = (but: Socket | null): void => {
    clearTimeout(timer);
    for (const one of attempts) {
      if (one === but) continue;
      one.removeAllListeners('error').on('error', () => {});
      one.destroy();
    }
  };
  return { socket, giveUp };
}

/** With the code of the first error, which decides whether another try can help. */
function oneError(errors: readonly Error[]): Error {
  const [first] = errors;
  if (errors.length === 1 && first !== undefined) return first;
  const message = errors.map((error) => error.message).join('; ');
  return Object.assign(new AggregateError(errors, message), {
    code: first !== undefined && 'code' in first ? first.code : undefined,
  });
}
