import { isAbsolute, relative, resolve } from 'node:path';
import { type OptionName, options } from '../../../config/model/options.ts';
import { findForm } from '../../../destinations/open/parse-destination.ts';
import type { Draft } from './draft.ts';

/** The values of a draft, whose paths start in `cwd`, for a job file in `dir`. */
export const fileValues = ({ values }: Draft, cwd: string, dir: string): Map<OptionName, string> =>
  new Map([...values].map(([name, text]) => [name, placed(name, text, cwd, dir)]));

function placed(name: OptionName, text: string, cwd: string, dir: string): string {
  const isDestination = (name === 'to' || name === 'users-db') && findForm(text)?.form.rest === 'path';
  const scheme = isDestination ? text.slice(0, text.indexOf(':') + 1) : '';
  const path = text.slice(scheme.length);
  const isPath = isDestination || options[name].kind === 'path';
  // Standard input, and paths that begin with a variable, have no known place.
  if (!isPath || path === '-' || path.startsWith('${') || isAbsolute(path)) return text;
  return `${scheme}${relative(dir, resolve(cwd, path)) || '.'}`;
}

/** Comments for keys of the file that replace the table's description. */
export function fileComments({ quota }: Draft): Map<OptionName, string> {
  if (quota === null) return new Map();
  if (quota === 'own') return new Map([['rate', 'Calls a second: the whole quota of the app.']]);
  return new Map([
    [
      'rate',
      "Calls a second: a share of the app's quota; the back end has the rest. Lower it if rate-limit errors (60007, 60011) occur.",
    ],
    [
      'max-duration',
      'An attempt stops after this time with exit code 7; the next one resumes. Start it when the back end is quiet.',
    ],
  ]);
}
