import { type Html, html } from './html.ts';

/** A text with command-line options in code style, each on one line. */
export const withOptions = (text: string): Html =>
  html`${text.split(/(--[a-z][a-z-]*(?: (?:remove|skip|last|\d+))?)/).map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;

/** A clause as a sentence of its own. */
export const sentence = (clause: string): Html =>
  html`${withOptions(`${clause.charAt(0).toUpperCase()}${clause.slice(1)}`)}.`;
