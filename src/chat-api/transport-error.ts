import { CallError } from './call-error.ts';

/** The largest body that is read, bytes: many times what 1,000 conversations need. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

// Certificates do not get better by waiting: Node's and OpenSSL's codes for one that cannot be trusted. Other troubles of
// TLS (an alert, a balancer that answers in plain text while it restarts) may.
const UNTRUSTED =
  /^(ERR_TLS_CERT_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET|VERIFY))/;
// What undici tells of connections, answers and proxies, and what the system tells of sockets (ECONNRESET, ENOTFOUND);
// Node's other ERR_… are this program's mistakes.
const PASSING =
  /^(UND_ERR_(CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|SOCKET|CLOSED|DESTROYED|ABORTED|INFO|HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH|PRX_TLS)|ERR_(SSL|TLS)_[A-Z0-9_]+|E(?!RR_)[A-Z0-9_]+)$/;

/**
 * What an error of undici or of the sockets below it means for a call; null when it is none that a network can cause,
 * so a fault of this program.
 */
export function transportError(error: unknown, origin: string): CallError | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
    return new CallError({
      class: 'malformed',
      message: `the answer is larger than ${MAX_BODY_BYTES} bytes`,
      cause: error,
    });
  }
  if (UNTRUSTED.test(code)) {
    return new CallError({
      class: 'configuration',
      message: `${origin} cannot be trusted: ${error.message} (${code})`,
      cause: error,
    });
  }
  // undici reports a parser's complaint about a broken answer as HTTPParserError, with a code like HPE_….
  if (PASSING.test(code) || error.name === 'HTTPParserError') {
    const text = error.message === '' ? code : error.message;
    return new CallError({ class: 'transient', message: `${origin}: ${text}`, cause: error });
  }
  return null;
}
