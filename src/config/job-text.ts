import { stringify } from 'yaml';
import { type OptionName, optionList, options } from './model/options.ts';

/** The content of a new job file. */
export type NewJob = {
  /** The file's name, for commands in its comments. */
  readonly file: string;
  /** The values of its keys as texts; they may contain `${NAME}`. Paths start in the file's directory. */
  readonly values: ReadonlyMap<OptionName, string>;
  /** The comment above a key, in place of the table's description. */
  readonly comments: ReadonlyMap<OptionName, string>;
  /** The path of the JSON Schema of job files, seen from the file; null when it is unknown. */
  readonly schema: string | null;
};

// Options that a nightly job needs sooner or later.
const suggested: readonly (readonly [OptionName, string])[] = [
  ['max-failed-users', '5%'],
  ['max-outage', options['max-outage'].default],
  ['resume-within', options['resume-within'].default],
  ['log-format', 'json'],
  ['metrics-file', '/var/lib/prometheus/node-exporter/chat-export.prom'],
  ['ping', `\${CHAT_PING_URL}`],
];

/** A commented job file, which `readJobFile` reads back to the same texts. */
export function jobText({ file, values, comments, schema }: NewJob): string {
  const given = optionList.filter(({ name }) => values.has(name));
  const groups = [...new Set(given.map(({ group }) => group))];
  const key = (name: OptionName, text: string, mark = ''): string =>
    `# ${comments.get(name) ?? options[name].description}\n${mark}${name}: ${scalar(name, text)}\n`;
  return [
    ...(schema === null ? [] : [`# yaml-language-server: $schema=${schema}`]),
    '# A job of chat-export.',
    '#',
    `#   chat-export check ${file}     validates the job; read-only`,
    `#   chat-export run ${file}       exports, or resumes an export`,
    '#',
    `# \${NAME} takes the variable NAME of the environment; a literal \${ is written $\${.`,
    '# Relative paths start in the directory of this file. Durations have a unit: 90s, 30m, 20h.',
    '# Every key can also be given as a flag or a variable (--rate, CHAT_EXPORT_RATE); a flag overrides a variable, which overrides this file.',
    ...(values.has('secret-key-file') || values.has('usersig-file')
      ? []
      : ['# The secret key of the app is in the variable CHAT_EXPORT_SECRET_KEY, and never in this file.']),
    '',
    ...groups.map((group) =>
      given
        .filter((option) => option.group === group)
        .map(({ name }) => key(name, values.get(name) ?? ''))
        .join(''),
    ),
    '# Options to consider. Remove the # to use one.',
    '',
    suggested
      .filter(([name]) => !values.has(name))
      .map(([name, text]) => key(name, text, '#'))
      .join(''),
  ]
    .join('\n')
    .replace(/\n*$/, '\n');
}

function scalar(name: OptionName, text: string): string {
  const { kind } = options[name];
  const isBare = kind === 'whole' || kind === 'number' || kind === 'boolean';
  if (isBare && /^[\w.]+$/.test(text)) return text;
  // A block that keeps its last empty lines would keep those between the keys, too.
  const blockQuote = !/(^|\n)\n$/.test(text);
  // Quoted if YAML would read it as another value. An unquoted value may end in white space other than YAML's, as U+2000.
  return stringify(text, { lineWidth: 0, blockQuote }).replace(/\n$/, '').replaceAll('\n', '\n  ');
}
