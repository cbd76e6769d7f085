/** Texts of the codes, in the vendor's words or close to them. Other codes get a plain sentence. */
const texts: Readonly<Record<number, string>> = {
  50001: 'The requested UserID has not been imported into the Tencent Cloud Chat backend. Please import.',
  50002: 'Incorrect request parameter. Check your request according to the error description.',
  50003: 'The request requires app admin permissions.',
  50004: 'Internal server error. Please try again.',
  50005: 'Network timeout. Try again later.',
  51007:
    'Failed to replace GroupID with GroupCode because an internal error occurred or the group was disbanded.',
  60002: 'HTTP parsing error. Please check the HTTP request URL format.',
  60003: 'Failed to parse the JSON of the HTTP request. Please check the JSON format.',
  60006: 'The SDKAppID is invalid.',
  60007: 'The REST API call frequency exceeds the limit. Please reduce the request frequency.',
  60008: 'The service request timed out or the HTTP request format is wrong.',
  60009: 'The requested resource is wrong. Please check the request URL.',
  60010: 'The request requires the permissions of the app administrator.',
  60011: 'The SDKAppID request frequency exceeds the limit. Please reduce the request frequency.',
  60012: 'The SDKAppID is missing in the URL.',
  60015: 'The account in the request body is not a string.',
  70001: 'The UserSig has expired. Please generate it again.',
  70002: 'The UserSig is empty.',
  70003: 'The UserSig is invalid. Please check whether it was truncated.',
  70009:
    'The UserSig failed verification, possibly because it was generated with the key of another SDKAppID.',
  70013: 'The UserID in the request differs from the one the UserSig was generated for.',
  70014: 'The SDKAppID in the request differs from the one the UserSig was generated for.',
  70016: 'The key of the SDKAppID is not found. Please check the SDKAppID and its data center.',
  70020: 'The SDKAppID is not found. Please check it and its data center.',
  70050: 'The UserSig failed verification too often. Please try again in a minute.',
  70107: 'The requested account does not exist.',
  70169: 'The server timed out. Please try again later.',
  70500: 'Internal server error. Please try again later.',
};

/** The body of a FAIL answer; some of the vendor's samples carry ErrorDisplay as well. */
export const refusal = (code: number, withDisplay: boolean): string => {
  const info = texts[code] ?? `Request failed with code ${code}.`;
  return JSON.stringify({
    ActionStatus: 'FAIL',
    ErrorCode: code,
    ErrorInfo: info,
    ...(withDisplay ? { ErrorDisplay: info } : {}),
  });
};
