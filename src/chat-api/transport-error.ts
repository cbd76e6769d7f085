import { CallError } from './call-error.ts';
import { unansweredHints } from './error-table.ts';

/** The largest body that is read, bytes: many times what 1,000 conversations need. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

// Certificates do not get better by waiting: Node's and OpenSSL's codes for one that cannot be trusted. Other troubles of
// TLS (an alert, a balancer that answers in plain text while it restarts) may.
const UNTRUSTED =
  /^(ERR_TLS_CERT_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET|VERIFY))/;
// Among them, those of a chain that ends at a root which this machine does not know.
const UNKNOWN_ROOT =
  /^(CERT_(UNTRUSTED|SIGNATURE_FAILURE)|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET|VERIFY))/;
const OTHER_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID';
// What undici tells of connections and answers, and what the system tells of sockets (ECONNRESET, ENOTFOUND);
// Node's other ERR_… are this program's mistakes.
const PASSING =
  /^(UND_ERR_(CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|SOCKET|CLOSED|DESTROYED|ABORTED|INFO|HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH)|ERR_(SSL|TLS)_[A-Z0-9_]+|E(?!RR_)[A-Z0-9_]+)$/;
// undici puts the values of a header that comes twice behind one another, and compares the body with that.
const OTHER_LENGTH = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
const OTHER_LENGTH_TEXT =
  'the answer has more than one Content-Length, or its body has another length than that says';
// The limit of open files, of the process or of the system.
const OUT_OF_FILES = /^E[MN]FILE$/;
const LONGEST_MESSAGE = 300;

/**
 * What an error of undici or of the sockets below it means for a call; null when it is none that a network can cause,
 * so a fault of this program. The error itself is not kept as the cause: it may hold what was sent.
 * @param place who was called, as messages begin
 * @param nameAdvice the hint when the host's name is in doubt: it does not resolve, or somebody else answers for it
 */
export function transportError(
  error: unknown,
  place: string,
  nameAdvice: string | null = null,
): CallError | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return tooLarge();
  if (UNTRUSTED.test(code)) {
    return new CallError({
      class: 'configuration',
      message: `${place} cannot be trusted: ${textOf(error)} (${code})`,
      hint: (code === OTHER_NAME ? nameAdvice : trustCure(code)) ?? unansweredHints.untrusted,
    });
  }
  // undici reports a parser's complaint about a broken answer as HTTPParserError, with a code like HPE_….
  if (PASSING.test(code) || error.name === 'HTTPParserError') {
    const isNameInDoubt = code === 'ENOTFOUND' || code === 'EAI_AGAIN';
    return new CallError({
      class: 'transient',
      message: `${place}: ${code === OTHER_LENGTH ? OTHER_LENGTH_TEXT : textOf(error) || code}`,
      hint: OUT_OF_FILES.test(code)
        ? unansweredHints.files
        : ((isNameInDoubt ? nameAdvice : null) ?? unansweredHints.unreached),
    });
  }
  return null;
}

/** An answer that is larger than what is read of one. */
export const tooLarge = (): CallError =>
  new CallError({
    class: 'malformed',
    message: `the answer is larger than ${MAX_BODY_BYTES} bytes`,
    hint: unansweredHints.malformed,
  });

function trustCure(code: string): string | null {
  if (UNKNOWN_ROOT.test(code)) return unansweredHints.unknownRoot;
  return code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID' ? unansweredHints.expired : null;
}

/** A host with several addresses fails with one error for each, and no words of its own. */
function textOf(error: Error): string {
  const each = error instanceof AggregateError ? error.errors : [error];
  const texts = each.map((one) => (one instanceof Error ? one.message : String(one)));
  return [...new Set(texts)].join(', ').slice(0, LONGEST_MESSAGE);
}
