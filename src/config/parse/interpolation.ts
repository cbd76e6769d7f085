import { secretVariables } from '../model/options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

// Longest first: $${ is a literal ${, then a well-formed reference, then a ${ that is neither.
const references = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;

/**
 * Replaces each `${NAME}` by the environment's variable; `$${` gives a literal `${`. The content of a variable is used unchanged,
 * and not searched again.
 * @throws RangeError with a sentence that names the variable
 */
export function interpolate(template: string, env: Environment): string {
  for (const name of variablesIn(template)) {
    if (isSet(name, env)) continue;
    throw new RangeError(`the variable ${name} is not set; set it, or write $\${ for a literal \${`);
  }
  return template.replace(references, (reference, name: string) =>
    reference === '$${' ? '${' : variable(name, env),
  );
}

/** The variables in a text. @throws RangeError when one is malformed, or not allowed */
export function variablesIn(template: string): readonly string[] {
  const names: string[] = [];
  for (const [reference, name] of template.matchAll(references)) {
    if (reference === '$${') continue;
    if (name === undefined) throw new RangeError(`expected \${VARIABLE}; a literal \${ is written $\${`);
    if (Object.values<string>(secretVariables).includes(name)) {
      throw new RangeError(`${name} is read by itself and has no place in another value`);
    }
    names.push(name);
  }
  return names;
}

/** An empty variable counts as missing. */
export const isSet = (name: string, env: Environment): boolean => variable(name, env) !== '';

/**
 * The content of a variable; '' when it is not set. A final line break, as in files of secrets, is removed: no value ends with
 * one.
 */
export const variable = (name: string, env: Environment): string =>
  (Object.hasOwn(env, name) ? (env[name] ?? '') : '').replace(/\r?\n$/, '');
