import { PaginationError } from '../../chat-api/answer.ts';
import { CallError } from '../../chat-api/call-error.ts';
import { InvalidPage } from '../../rows/page.ts';
import { sanitizeText } from '../../rows/sanitize-text.ts';
import type { UnexportedReason, UnexportedUserRow } from '../../rows/tables.ts';

const MAX_INFO = 1_000;

/** The row for a user who was not exported; null for an error that does not belong to the user. */
export function unexportedRow(
  userId: string,
  sdkAppId: number,
  error: unknown,
  calls: number,
): UnexportedUserRow | null {
  const reason = unexportedReason(error);
  if (reason === null || !(error instanceof Error)) return null;
  const info = error instanceof CallError ? error.info : error.message;
  return {
    user_id: userId,
    sdk_app_id: sdkAppId,
    reason,
    error_code: error instanceof CallError ? error.code : null,
    error_info: sanitizeText(info.slice(0, MAX_INFO), { texts: 0 }),
    calls,
  };
}

function unexportedReason(error: unknown): UnexportedReason | null {
  if (error instanceof PaginationError) return 'pagination_error';
  if (error instanceof InvalidPage) return 'invalid_page';
  if (!(error instanceof CallError)) return null;
  switch (error.class) {
    case 'not-in-app':
      return 'not_in_app';
    case 'transient':
    case 'transient-few':
    case 'limit':
      return 'transient_error';
    case 'malformed':
    case 'invalid-page':
      return 'invalid_page';
    case 'user':
    case 'user-few':
    case 'request':
    case 'unknown':
      return 'api_error';
    default:
      return null;
  }
}
