import { describe, expect, test } from 'vitest';
import { optionList } from '../../../src/config/model/options.ts';
import { readOption } from '../../../src/config/parse/option-values.ts';
import { unknownVariables } from '../../../src/config/sources/unknown-variables.ts';

describe.each(optionList)('--$name', (option) => {
  test('is kebab-case, and its variable follows from it', () => {
    expect(option.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(option.variable).toBe(`CHAT_EXPORT_${option.name.toUpperCase().replaceAll('-', '_')}`);
    expect(unknownVariables({ [option.variable]: 'x' })).toEqual([]);
  });

  test('is described in one sentence', () => {
    expect(option.description).toMatch(/^[A-Z].*[.]$/s);
    expect(option.description.length).toBeLessThan(120);
  });

  test('has a placeholder unless it is a switch', () => {
    expect(option.placeholder === undefined).toBe(option.kind === 'boolean');
  });

  test('has a default that its own rules accept', () => {
    if (option.default !== undefined) {
      const { default: text } = option;
      expect(() => readOption[option.name](text)).not.toThrow();
    }
  });
});
