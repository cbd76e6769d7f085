import { CallError } from './call-error.ts';
import { unansweredHints } from './error-table.ts';

/** The largest body that is read, bytes: many times the size of 1,000 conversations. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

// Waiting does not help with certificates: Node's and OpenSSL's codes for one that cannot be trusted. Other TLS errors may pass
// (an alert, a balancer that answers in plain text while it restarts).
const UNTRUSTED =
  /^(ERR_TLS_CERT_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET|VERIFY))/;
// Among them, those of a chain that ends at a root which this machine does not know.
const UNKNOWN_ROOT =
  /^(CERT_(UNTRUSTED|SIGNATURE_FAILURE)|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET|VERIFY))/;
const OTHER_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID';
// undici's codes for connections and answers, and the system's for sockets (ECONNRESET, ENOTFOUND). Node's other ERR_… are
// mistakes of this program.
const PASSING =
  /^(UND_ERR_(CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|SOCKET|CLOSED|DESTROYED|ABORTED|INFO|HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH)|ERR_(SSL|TLS)_[A-Z0-9_]+|E(?!RR_)[A-Z0-9_]+)$/;
// undici joins the values of a repeated header, and compares the body with that.
const OTHER_LENGTH = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
const OTHER_LENGTH_TEXT =
  'the answer has more than one Content-Length, or its body has another length than that says';
// The limit of open files, of the process or of the system.
const OUT_OF_FILES = /^E[MN]FILE$/;
const LONGEST_MESSAGE = 300;

/**
 * The call error for an error of undici or of its sockets; null when no network can cause it, so that it is a fault of this
 * program. The error itself is not kept as the cause: it may contain what was sent.
 * @param place the called host, as the beginning of messages
 * @param nameAdvice the hint when the host's name is in doubt: it does not resolve, or another host answers for it
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
      message: `${place} cannot be trusted: ${messageText(error)} (${code})`,
      hint: (code === OTHER_NAME ? nameAdvice : trustCure(code)) ?? unansweredHints.untrusted,
    });
  }
  // undici reports a parse error of a broken answer as HTTPParserError, with a code like HPE_….
  if (PASSING.test(code) || error.name === 'HTTPParserError') {
    const isNameInDoubt = code === 'ENOTFOUND' || code === 'EAI_AGAIN';
    return new CallError({
      class: 'transient',
      message: `${place}: ${code === OTHER_LENGTH ? OTHER_LENGTH_TEXT : messageText(error) || code}`,
      hint: OUT_OF_FILES.test(code)
        ? unansweredHints.files
        : ((isNameInDoubt ? nameAdvice : null) ?? unansweredHints.unreached),
    });
  }
  return null;
}

/** An answer that is larger than the limit. */
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

/** A host with several addresses fails with one error for each, and no message of its own. */
function messageText(error: Error): string {
  const each = error instanceof AggregateError ? error.errors : [error];
  const texts = each.map((one) => (one instanceof Error ? one.message : String(one)));
  return [...new Set(texts)].join(', ').slice(0, LONGEST_MESSAGE);
}
