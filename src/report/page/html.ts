import { printable } from '../text/printable.ts';

/** A fragment of a page with escaped texts. */
export class Html {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** Only for texts of the page itself: nothing is escaped. */
  static trusted(text: string): Html {
    return new Html(text);
  }
}

/** A value in a template: texts are escaped, fragments are inserted unchanged, null and false are empty. */
export type Part = Html | string | number | null | false | readonly Part[];

/** A fragment of HTML or SVG. No inserted text can become markup, as text or in a quoted attribute. */
export const html = (pieces: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  Html.trusted(
    pieces.map((piece, i) => (i === 0 ? piece : `${escaped(parts[i - 1] ?? null)}${piece}`)).join(''),
  );

function escaped(part: Part): string {
  if (part === null || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(escaped).join('');
  return printable(String(part)).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text with command-line options in code style, each on one line. */
export const withOptions = (text: string): Html =>
  html`${text.split(/(--[a-z][a-z-]*(?: (?:remove|skip|last|\d+))?)/).map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;

/** A clause as a sentence of its own. */
export const sentence = (clause: string): Html =>
  html`${withOptions(`${clause.charAt(0).toUpperCase()}${clause.slice(1)}`)}.`;
