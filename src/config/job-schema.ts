import type { Option } from './model/option.ts';
import { type ListedOption, optionList } from './model/options.ts';

/** The schema of one key. */
type KeySchema = {
  readonly description: string;
  readonly type: string | readonly string[];
  readonly default?: string | number | boolean;
  /** The unit of the value: an annotation, which validators ignore. */
  readonly 'x-unit'?: string;
  readonly [keyword: string]: unknown;
};

// Any value may contain `${NAME}`, and the variable's content is unknown here.
const VARIABLE = String.raw`\$\{`;

const DURATION_UNIT = 'a duration: ms, s, m, h or d, such as 90s or 1h30m';
const DURATION = ['d', 'h', 'm(in)?', 's', 'ms']
  .map((unit) => String.raw`(\d+(\.\d+)? *${unit} *)?`)
  .join('');
const SHARE = String.raw`0*(100(\.0+)?|\d{1,2}(\.\d+)?) *%`;

const orVariable = (...forms: readonly string[]): string => [...forms, VARIABLE].join('|');
const alone = (form: string): string => String.raw`^\s*(${form})\s*$`;

/** The keys of a job file as a JSON Schema (draft 2020-12), for completion and checks in editors. */
export function jobSchema(): Readonly<Record<string, unknown>> {
  const keys = optionList.filter(({ file }) => file !== false);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Job of chat-export',
    description:
      'What to export from a Tencent Cloud Chat app, from where, to where. A flag or a variable overrides a key.',
    type: 'object',
    properties: Object.fromEntries(keys.map((option) => [option.name, keySchema(option)])),
    additionalProperties: false,
    minProperties: 1,
  };
}

function keySchema(option: ListedOption): KeySchema {
  const unit = unitText(option);
  return {
    description: [
      option.description,
      unit && `Unit: ${unit}.`,
      option.default && `Default: ${option.default}.`,
    ]
      .filter(Boolean)
      .join(' '),
    ...valueSchema(option),
    ...(option.default === undefined ? {} : { default: asYaml(option, option.default) }),
    ...(unit === undefined ? {} : { 'x-unit': unit }),
  };
}

/** The unit of an option's value, if it has one. */
function unitText(option: Option): string | undefined {
  if (option.kind === 'duration') return DURATION_UNIT;
  return 'unit' in option ? option.unit : undefined;
}

/** The types that YAML gives to a valid value, and its pattern. */
function valueSchema(option: Option): Pick<KeySchema, 'type'> & Readonly<Record<string, unknown>> {
  switch (option.kind) {
    case 'whole':
    case 'number': {
      const digits = option.kind === 'whole' ? String.raw`\d+` : String.raw`\d+(\.\d+)?`;
      const type = option.kind === 'whole' ? 'integer' : 'number';
      const { min, max, word } = option;
      const form = word === undefined ? digits : `${digits}|${word}`;
      return { type: [type, 'string'], minimum: min, maximum: max, pattern: orVariable(alone(form)) };
    }
    case 'duration':
      return { type: 'string', pattern: orVariable(String.raw`^ *(?=\d)${DURATION}$`) };
    case 'share':
      return { type: 'string', pattern: orVariable(alone(SHARE)) };
    case 'share-or-number':
      return {
        type: ['integer', 'string'],
        minimum: 0,
        pattern: orVariable(alone(String.raw`${SHARE}|\d+`)),
      };
    case 'choice':
      return { type: 'string', anyOf: [{ enum: option.choices }, { pattern: VARIABLE }] };
    case 'boolean':
      return {
        type: ['boolean', 'integer', 'string'],
        minimum: 0,
        maximum: 1,
        pattern: orVariable(alone('true|false|0|1')),
      };
    case 'text':
    case 'path': {
      const { form = String.raw`\S` } = option;
      // YAML reads a bare name of digits as a number.
      const type = new RegExp(form).test('1') ? ['string', 'number'] : 'string';
      return { type, pattern: orVariable(form) };
    }
  }
}

/** A default in the type that YAML gives to it without quotes. */
function asYaml({ kind }: Option, text: string): string | number | boolean {
  if (kind === 'boolean') return text === 'true';
  return kind === 'whole' || kind === 'number' ? numberOrWord(text) : text;
}

const numberOrWord = (text: string): string | number => (Number.isNaN(Number(text)) ? text : Number(text));
