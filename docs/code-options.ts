import type { Option } from '../src/config/model/option.ts';
import { type OptionName, options } from '../src/config/model/options.ts';
import { codeName, exportOptionNames, pullOptionNames } from '../src/config/sources/code-options.ts';

const WIDTH = 110;

const HEAD = `// Written by \`npm run docs\` from src/config/model/options.ts: change it there.

/** Milliseconds, or a text with units, such as \`90s\` or \`1h30m\`. */
export type Duration = number | string;

/** A percentage with its sign, such as \`5%\`. */
export type Share = \`\${number}%\`;

/** Where more of the options may come from; what is given as an option itself beats both. */
export interface JobPlace {
  /** A job file, as the command takes it. Relative paths in it are relative to it, all others to the working directory. */
  readonly jobFile?: string | undefined;
  /**
   * The variables that count: \`CHAT_EXPORT_…\`, \`\${NAME}\` in the job file, \`HTTPS_PROXY\` and \`NO_PROXY\`. Give
   * \`process.env\` for those of the process. Default: none.
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

`;

const SECRETS = `  /** The secret key of the app itself. */
  readonly secretKey?: string | undefined;
  /** A ready UserSig itself. */
  readonly usersig?: string | undefined;
`;

/** The options of the library as TypeScript, from the command's own table. */
export function codeOptions(): string {
  const ofPull: ReadonlySet<string> = new Set(pullOptionNames);
  const ofExport = exportOptionNames.filter((name) => !ofPull.has(name));
  return [
    HEAD,
    '/** The options for pulling users: the app, one of its credentials, and the quota. */\n',
    `export interface PullOptions extends JobPlace {\n${SECRETS}${pullOptionNames.map(property).join('')}}\n\n`,
    '/** The options of an export: the same, the users, and where their rows go. */\n',
    `export interface ExportOptions extends PullOptions {\n${ofExport.map(property).join('')}}\n`,
  ].join('');
}

function property(name: OptionName): string {
  const option: Option = options[name];
  const unit = 'unit' in option && option.unit !== undefined ? `Unit: ${option.unit}.` : '';
  const fallback = option.default === undefined ? '' : `Default: ${option.default}.`;
  const says = [option.description, unit, fallback]
    .filter(Boolean)
    .join(' ')
    .replace(/; CHAT_EXPORT_\w+ may hold .*?\./, '.')
    .replaceAll(/--([a-z-]+)/g, (flag, given) => (given in options ? codeName(given as OptionName) : flag));
  return `${comment(says)}${declaration(`${codeName(name)}?`, `${typeOf(name, option)} | undefined`)}`;
}

/** One line, or one for each of its types if it would be too long. */
function declaration(name: string, type: string): string {
  const line = `  readonly ${name}: ${type};`;
  if (line.length <= WIDTH) return `${line}\n`;
  const types = type.split(' | ').map((one) => `    | ${one}`);
  return `  readonly ${name}:\n${types.join('\n')};\n`;
}

function comment(text: string): string {
  const line = `  /** ${text} */\n`;
  if (line.length <= WIDTH) return line;
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (`   * ${last} ${word}`.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return `  /**\n${lines.map((one) => `   * ${one}\n`).join('')}   */\n`;
}

function typeOf(name: OptionName, option: Option): string {
  if (name === 'retry-failed') return "number | 'last'";
  if (name === 'code') return 'readonly number[]';
  switch (option.kind) {
    case 'boolean':
      return 'boolean';
    case 'whole':
    case 'number':
      return option.word === undefined ? 'number' : `number | '${option.word}'`;
    case 'duration':
      return 'Duration';
    case 'share':
      return 'Share';
    case 'share-or-number':
      return 'number | Share';
    case 'choice':
      return option.choices.map((one) => `'${one}'`).join(' | ');
    default:
      return 'string';
  }
}
