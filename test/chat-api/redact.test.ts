import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { PaginationError } from '../../src/chat-api/answer.ts';
import { CallError } from '../../src/chat-api/call-error.ts';
import { Redactor } from '../../src/chat-api/redact.ts';
import { SECRET_KEY, vendorSig } from './signing.ts';

const SIG = vendorSig('administrator', 86_400);
const redactor = new Redactor([SECRET_KEY, 'pw1']);
redactor.userSig = SIG;

const pieces = (text: string, size: number, between: string): string =>
  (text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? []).join(between);
const escapedEach = (text: string, written: (code: string) => string): string =>
  [...text].map((one) => written(one.charCodeAt(0).toString(16).padStart(2, '0'))).join('');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const forms: Readonly<Record<string, (secret: string) => string>> = {
  whole: (secret) => secret,
  'from its second character': (secret) => secret.slice(1),
  'its first 12 letters': (secret) => (/^(?:[^a-z0-9]*[a-z0-9]){12}/i.exec(secret) ?? [''])[0],
  'its middle': (secret) => secret.slice(20, 45),
  'its second half': (secret) => secret.slice(secret.length / 2),
  'in pieces of 12, with spaces': (secret) => pieces(secret, 12, ' '),
  'in pieces of 5, with line ends': (secret) => pieces(secret, 5, '\r\n'),
  'in pieces of 8, with escaped line ends': (secret) => pieces(secret, 8, '\\r\\n'),
  'in pieces of 4, with zero width spaces': (secret) => pieces(secret, 4, '\u200b'),
  'in pieces of 6, within quotation marks': (secret) => pieces(secret, 6, '", "'),
  'in capitals': (secret) => secret.toUpperCase(),
  'in small letters': (secret) => secret.toLowerCase(),
  backwards: (secret) => [...secret].reverse().join(''),
  'in standard base64': (secret) => secret.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '='),
  'escaped for a URL': (secret) => encodeURIComponent(secret).replaceAll('*', '%2A').replaceAll('_', '%5f'),
  'escaped for a URL, each character': (secret) => escapedEach(secret, (code) => `%${code}`),
  'escaped for a URL twice': (secret) => escapedEach(secret, (code) => `%25${code}`),
  'escaped for a URL three times': (secret) => escapedEach(secret, (code) => `%2525${code.toUpperCase()}`),
  'escaped for JSON': (secret) => escapedEach(secret, (code) => `\\u00${code}`),
  'escaped for JSON twice': (secret) => escapedEach(secret, (code) => `\\\\u00${code}`),
  'escaped for JavaScript': (secret) => escapedEach(secret, (code) => `\\x${code}`),
  'escaped for HTML': (secret) => escapedEach(secret, (code) => `&#x${code};`),
  'escaped for HTML, in decimal digits': (secret) =>
    escapedEach(secret, (code) => `&#${Number.parseInt(code, 16)};`),
  'in base64': base64,
  'in base64, after a name': (secret) => base64(`u=${secret}`),
  'in base64, after another name': (secret) => base64(`usersig=${secret}&random=1`),
  'in base64, of lines': (secret) => pieces(base64(`sig: ${secret}`), 76, '\n'),
  'in base64 for URLs': (secret) => Buffer.from(secret).toString('base64url'),
  'in base64, twice': (secret) => base64(`x=${base64(`sig=${secret}`)}`),
  'in hexadecimal digits of its base64': (secret) => Buffer.from(base64(`:${secret}`)).toString('hex'),
  'as a Buffer in JSON': (secret) => JSON.stringify([...Buffer.from(secret)]),
  'as bytes in C': (secret) => escapedEach(secret, (code) => `0x${code}, `),
  'in octal escapes': (secret) =>
    escapedEach(secret, (code) => `\\${Number.parseInt(code, 16).toString(8).padStart(3, '0')}`),
  'escaped for JavaScript by code points': (secret) => escapedEach(secret, (code) => `\\u{${code}}`),
  'in full-width letters': (secret) =>
    [...secret].map((one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)).join(''),
  'in hexadecimal digits': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
};

/** The longest run of letters and digits that two texts share, whatever else stands between. */
function shared(text: string, secret: string): number {
  const letters = (one: string): string => one.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const [within, of] = [letters(text), letters(secret)];
  let longest = 0;
  for (let from = 0; from < of.length; from += 1) {
    while (from + longest < of.length && within.includes(of.slice(from, from + longest + 1))) longest += 1;
  }
  return longest;
}

describe.each([
  ['a UserSig', SIG, '[usersig]'],
  ['the secret key', SECRET_KEY, '[secret]'],
])('%s', (_, secret, mark) => {
  test.each(Object.entries(forms))('is not shown: %s', (__, form) => {
    const quoted = form(secret);
    const clean = redactor.text(`[(${quoted})]`);
    expect(clean).toMatch(/^\[\(.*\)\]$/s);
    expect(clean).toContain(mark);
    // Other encoded words may stay.
    expect(shared(clean, quoted)).toBeLessThan(16);
  });
});

test('the signature within a UserSig is not shown either', () => {
  const base64Text = SIG.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '=');
  const document = JSON.parse(inflateSync(Buffer.from(base64Text, 'base64')).toString()) as Record<
    string,
    string
  >;
  const signature = document['TLS.sig'];
  expect(redactor.text(`{"TLS.sig":"${signature}"}`)).toBe('{"TLS.sig":"[usersig]"}');
});

test('each of several is replaced by a mark, and the text between them stays', () => {
  expect(redactor.text(`a ${SIG.slice(3, 40)} b ${SECRET_KEY} c ${SIG} d`)).toBe(
    'a [usersig] b [secret] c [usersig] d',
  );
});

test('a short secret goes where it stands whole', () => {
  expect(redactor.text('user:pw1@proxy, pw 1')).toBe('user:[secret]@proxy, pw 1');
});

test('texts that quote no secret stay as they are', () => {
  for (const text of [
    '',
    '%',
    '\\',
    '&#',
    'the answer is not JSON; it begins "<html>%0"',
    '家\ud800\\u00zz'.repeat(50),
  ]) {
    expect(redactor.text(text)).toBe(text);
  }
});

test('errors of every kind lose it, and keep what they say besides', () => {
  const cut = SIG.slice(2, 60);
  const call = redactor.error(
    new CallError({
      class: 'user',
      code: 7,
      message: `m ${cut}`,
      hint: `c ${cut}`,
      info: `i ${cut}`,
      retryAfterMs: 5,
    }),
  );
  expect(call).toMatchObject({
    class: 'user',
    code: 7,
    message: 'm [usersig]; c [usersig]',
    info: 'i [usersig]',
    retryAfterMs: 5,
  });
  expect(redactor.error(new PaginationError(`p ${cut}`))).toEqual(new PaginationError('p [usersig]'));
  const fault = redactor.error(new TypeError(`f ${cut}`)) as Error;
  expect(fault.message).toBe('f [usersig]');
  expect(fault.stack).not.toContain(cut);
});
