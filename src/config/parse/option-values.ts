import { parseDatabase, parseDestination } from '../../destinations/open/parse-destination.ts';
import type { Limit } from '../model/job.ts';
import type { Option } from '../model/option.ts';
import { type OptionName, options } from '../model/options.ts';
import { parseDuration } from './durations.ts';
import { parseEndpoint } from './endpoint.ts';
import { parsePing } from './ping.ts';
import { didYouMean } from './suggestion.ts';

type Numeric = Extract<Option, { kind: 'whole' | 'number' }>;
type Duration = Extract<Option, { kind: 'duration' }>;

// Longer than any name, path or URL needs, and short enough for messages and columns.
const longest = 4_096;

// Long enough for a query of many lines, and short enough for an environment.
const longestQuery = 65_536;

/** Parses an option's text. @throws RangeError with a sentence, which does not contain the text */
type Read<T> = (text: string) => T;

/** A forbidden pattern, and the sentence for it. */
type Rule = readonly [isRefused: (text: string) => boolean, sentence: string];

/** The same text, when no rule refuses it. */
const textWithout =
  (...rules: readonly Rule[]): Read<string> =>
  (text) => {
    for (const [isRefused, sentence] of rules) if (isRefused(text)) throw new RangeError(sentence);
    return text;
  };

const plainText = (most: number, refused: RegExp): Read<string> =>
  textWithout(
    [(text) => text.length > most, `is longer than ${most} characters`],
    [(text) => text.trim() === '', 'is blank'],
    [(text) => refused.test(text), 'holds a control character or half a character'],
  );

const text = plainText(longest, /[\p{Cc}\p{Cs}]/u);

// A query may have lines.
const query = plainText(longestQuery, /(?![\t\n\r])[\p{Cc}\p{Cs}]/u);

/** A parser for a plain text. */
const readBy =
  <T>(read: Read<T>): Read<T> =>
  (value) =>
    read(text(value));

/** A plain text without further rules. */
const textUnless = (...rules: readonly Rule[]): Read<string> => readBy(textWithout(...rules));

function number(option: Numeric): Read<number> {
  const what = option.kind === 'whole' ? 'a whole number' : 'a number';
  const digits = option.kind === 'whole' ? /^\d+$/ : /^\d+(\.\d+)?$/;
  return readBy((value) => {
    const read = digits.test(value.trim()) ? Number(value) : Number.NaN;
    if (read >= option.min && read <= option.max) return read;
    const example = option.default === undefined ? '' : `, for example ${option.default}`;
    const word = option.word === undefined ? '' : `${option.word}, or `;
    throw new RangeError(`expected ${word}${what} from ${option.min} to ${option.max}${example}`);
  });
}

function numberOr<const W extends string>(word: W, option: Numeric): Read<number | W> {
  const read = number(option);
  return (value) => (value.trim() === word ? word : read(value));
}

function duration(option: Duration): Read<number> {
  return readBy((value) => {
    const read = parseDuration(value);
    const because = option.because === undefined ? '' : `, because ${option.because}`;
    if (option.above !== undefined && read <= parseDuration(option.above)) {
      throw new RangeError(`expected a duration over ${option.above}${because}`);
    }
    if (option.min !== undefined && read < parseDuration(option.min)) {
      throw new RangeError(`expected a duration of at least ${option.min}${because}`);
    }
    if (read > parseDuration(option.max)) throw new RangeError(`expected a duration up to ${option.max}`);
    return read;
  });
}

function readPercent(text: string): number | null {
  const percents = /^(\d+(?:\.\d+)?) *%$/.exec(text.trim())?.[1];
  return percents !== undefined && Number(percents) <= 100 ? Number(percents) / 100 : null;
}

const share = readBy((value) => {
  const read = readPercent(value);
  if (read !== null) return read;
  throw new RangeError('expected a percentage from 0% to 100%, for example 5%');
});

const shareOrNumber = readBy((value): Limit => {
  const read = readPercent(value);
  if (read !== null) return { share: read };
  const whole = /^\d+$/.test(value.trim()) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(whole)) return { number: whole };
  throw new RangeError('expected a whole number, or a percentage from 0% to 100%, for example 100 or 2%');
});

function choice<const C extends string>(choices: readonly C[]): Read<C> {
  return readBy((value) => {
    const found = choices.find((one) => one === value.trim());
    if (found !== undefined) return found;
    throw new RangeError(`expected one of ${choices.join(', ')}${didYouMean(value, choices)}`);
  });
}

const boolean = readBy((value) => {
  if (['true', '1'].includes(value.trim())) return true;
  if (['false', '0'].includes(value.trim())) return false;
  throw new RangeError('expected true or false');
});

const noHome: Rule = [(value) => /^~(\/|$)/.test(value), '~ has no meaning here; write the whole path'];

const path = textUnless(noHome);

const metricsFile = textUnless(noHome, [
  (value) => !value.endsWith('.prom'),
  'expected a file that ends in .prom; node_exporter reads no other',
]);

const report = textUnless(noHome, [
  (value) => !value.endsWith('.html'),
  'expected a file that ends in .html',
]);

const schemaName = textUnless(
  [(value) => Buffer.byteLength(value) > 63, 'expected a name of 1 to 63 bytes'],
  [(value) => value === '$user', 'PostgreSQL takes this name for that of the role'],
  [(value) => value.startsWith('pg_'), 'PostgreSQL keeps names that begin with pg_ for itself'],
);

const identifier = textUnless([
  (value) => Buffer.byteLength(value) > 32,
  'expected an account of 1 to 32 bytes',
]);

/** @throws RangeError when a text cannot name a job */
export const readJobName = textUnless([
  (value) => [...value].length > 100,
  'expected a name of 1 to 100 characters',
]);

const failedRun = readBy((value): number | 'last' => {
  const read = value.trim();
  if (read === 'last') return read;
  if (/^[1-9]\d*$/.test(read) && Number.isSafeInteger(Number(read))) return Number(read);
  throw new RangeError('expected the number of a run, as chat-export runs lists them, or last');
});

const codes = readBy((value): readonly number[] => {
  const read = value.split(',').map((code) => code.trim());
  if (read.every((code) => /^-?\d{1,15}$/.test(code))) return read.map(Number);
  throw new RangeError('expected a code of the API, for example 50004');
});

/** The parser of each option's text, whatever its source. */
export const readOption = {
  users: path,
  'users-sql': query,
  'users-db': readBy(parseDatabase),
  'user-column': text,
  'max-bad-lines': number(options['max-bad-lines']),
  'temp-dir': path,
  limit: number(options.limit),
  'retry-failed': failedRun,
  code: codes,
  to: readBy(parseDestination),
  schema: schemaName,
  'no-migrate': boolean,
  'keep-runs': number(options['keep-runs']),
  region: choice(options.region.choices),
  endpoint: readBy(parseEndpoint),
  'sdk-app-id': number(options['sdk-app-id']),
  identifier,
  'secret-key-file': path,
  'usersig-file': path,
  'ca-file': path,
  rate: number(options.rate),
  'rate-margin': numberOr('auto', options['rate-margin']),
  concurrency: number(options.concurrency),
  timeout: duration(options.timeout),
  'max-attempts': number(options['max-attempts']),
  'max-outage': duration(options['max-outage']),
  'max-pages': number(options['max-pages']),
  'unknown-items': choice(options['unknown-items'].choices),
  'not-in-app': choice(options['not-in-app'].choices),
  compress: choice(options.compress.choices),
  prune: boolean,
  history: boolean,
  pseudonymize: path,
  'drop-free-text': boolean,
  'max-failed-users': shareOrNumber,
  'max-emptied-users': share,
  'max-lost-rows': share,
  'allow-mass-deletion': boolean,
  name: readJobName,
  'chunk-size': number(options['chunk-size']),
  'resume-within': duration(options['resume-within']),
  'max-duration': duration(options['max-duration']),
  share: boolean,
  'wait-for-lock': duration(options['wait-for-lock']),
  fresh: boolean,
  resume: number(options.resume),
  report,
  'metrics-file': metricsFile,
  ping: readBy(parsePing),
  json: boolean,
  quiet: boolean,
  'log-level': choice(options['log-level'].choices),
  'log-format': choice(options['log-format'].choices),
} as const satisfies Record<OptionName, Read<unknown>>;

type ValueOf<N extends OptionName> = ReturnType<(typeof readOption)[N]>;

/** The value of every option; undefined only for an option without a default that was not given. */
export type OptionValues = {
  readonly [N in OptionName]: (typeof options)[N] extends { default: string }
    ? ValueOf<N>
    : ValueOf<N> | undefined;
};
