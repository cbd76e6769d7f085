import { describe, expect, test } from 'vitest';
import { jobSchema } from '../../../src/config/job-schema.ts';
import { options } from '../../../src/config/model/options.ts';
import { type AnyKind, destinationKind, kinds } from '../../../src/destinations/open/kinds.ts';
import { findForm, kindForms, parseDestination } from '../../../src/destinations/open/parse-destination.ts';

const examples = kindForms.map(({ kind, form }) => {
  const rest = { path: 'some/where', url: '//u@db/chats', nothing: '' }[form.rest];
  return [`${form.schemes[0]}:${rest}`, kind, form] as const;
});

test('no two kinds have a name or a scheme in common', () => {
  const names = kinds.map(({ name }: AnyKind) => name);
  const schemes = kindForms.flatMap(({ form }) => form.schemes);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(schemes).size).toBe(schemes.length);
});

describe.each(examples)('%s', (text, kind, form) => {
  const typed = parseDestination(text);
  const place = kind.resolve(typed, { schema: 'chats', compress: 'none' }, '/base');

  test('is read by its own kind, as typed and as a place', () => {
    expect(findForm(text)).toEqual({ kind, form });
    expect(destinationKind(typed)).toBe(kind);
    expect(destinationKind(place)).toBe(kind);
  });

  test('is named by its scheme, and its paths are absolute', () => {
    const shown = kind.aboutTyped(typed).shown;
    expect(shown).toBe(text);
    expect(kind.about(place).name).toBe(shown.replace('some/where', '/base/some/where'));
    expect(kind.about(place).name).toMatch(new RegExp(`^${form.schemes[0]}:`));
    expect(form.shown).toMatch(new RegExp(`^${form.schemes[0]}:`));
  });

  test('is offered by help, by the schema of job files and by init', () => {
    expect(options.to.description).toContain(form.shown);
    const { to } = jobSchema().properties as Record<string, { readonly pattern: string }>;
    for (const scheme of form.schemes) expect(`${scheme}:x`).toMatch(new RegExp(to?.pattern ?? '^$'));
    expect(form.offer.question === null).toBe(form.rest === 'nothing');
  });
});
