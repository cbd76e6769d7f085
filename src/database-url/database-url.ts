/** The parts of a database URL, as libpq reads it (PostgreSQL's manual, "Connection URIs"). */
export type DatabaseUrl = {
  /** Decoded, by libpq's names: `user`, `password`, `host`, `port`, `dbname`, and the parameters of the query; none is empty. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The URL without password and query, for messages. */
  readonly shown: string;
  readonly hasPassword: boolean;
};

const EXPECTED = 'expected postgres://USER@HOST:PORT/DATABASE';
const ENCODE = 'in user and password, write / as %2F, @ as %40 and % as %25';
const NOT_PAIRS = 'the query of the URL holds something other than parameters; write ?NAME=VALUE&NAME=VALUE';

/**
 * Reads the URL of a database. In user and password, only / @ and % have to be written with a %, as for libpq. In the query, @
 * and % have to be: a bare @ there ends a password that contains a bare / and ?.
 * @throws RangeError with a sentence that repeats nothing of the URL, since it may contain a password
 */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/is.exec(text) ?? [];
  if (rest === undefined) throw new RangeError(`${EXPECTED}; ${ENCODE}`);
  if (/[\s\p{Cc}]/u.test(rest)) {
    throw new RangeError('the URL holds white space or a line break; write a space as %20');
  }
  const [, login = '', place = '', path = '', query = ''] =
    /^(?:([^@/]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest) ?? [];
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(login) ?? [];
  if (place.includes(',')) {
    throw new RangeError('several hosts are not served; name one, or an address that follows the primary');
  }
  const [, host = '', port = ''] = /^(\[[^[\]]*\]|[^:[\]]*)(?::(\d*))?$/.exec(place) ?? refuse(rest);
  if (/@/.test(place + path)) refuse(rest);
  if (query.includes('@'))
    throw new RangeError(`the query of the URL holds an @; ${ENCODE}, and in the query @ as %40`);
  const parameters = new Map<string, string>();
  const put = (name: string, value: string): void => {
    if (value !== '') parameters.set(name, decoded(value));
  };
  put('user', user);
  put('password', password);
  put('host', host.replace(/^\[(.*)\]$/, '$1'));
  put('port', port);
  put('dbname', path);
  for (const pair of query.split('&').filter(Boolean)) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    // An empty value is ignored. But an invalid name must not be ignored with it.
    if (name === undefined || value === undefined || (value === '' && !/^\w+$/.test(name)))
      throw new RangeError(NOT_PAIRS);
    put(decoded(name), value);
  }
  const hasPassword = [...parameters.keys()].some((name) => name.toLowerCase().endsWith('password'));
  const shownLogin = user === '' ? '' : `${user}@`;
  const shownPath = rest.slice(login.length).includes('/') && (path !== '' || host === '') ? `/${path}` : '';
  return {
    parameters,
    shown: `postgres://${shownLogin}${place}${shownPath}`,
    hasPassword,
  };
}

/** An @ out of place shows that the user or the password contains a character that splits the URL. */
function refuse(rest: string): never {
  throw new RangeError(rest.includes('@') ? ENCODE : `${EXPECTED}, with a number as PORT`);
}

/** Unlike in a form, + is a plus. */
function decoded(text: string): string {
  if (/%(?![0-9a-f]{2})/i.test(text)) throw new RangeError('a % stands alone; write it as %25');
  try {
    const value = decodeURIComponent(text);
    if (!value.includes('\0')) return value;
  } catch {
    // Reported below, without the text: it may be a password.
  }
  throw new RangeError('what a % stands for in the URL is no text in UTF-8');
}
