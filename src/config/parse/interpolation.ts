import { secretVariables } from '../model/options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

// Longest first: $${ is a literal ${, then a well-formed reference, then a ${ that is neither.
const references = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;

/**
 * Puts the environment's variables in the place of their `${NAME}`; `$${` gives a literal `${`. What a variable holds
 * is taken as it is, never read again.
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

/** The variables that a text takes. @throws RangeError where one is not well written, or is not to be taken */
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

/** An empty variable is none. */
export const isSet = (name: string, env: Environment): boolean => variable(name, env) !== '';

/**
 * What a variable holds; '' when it is not set. A final line break, as files of secrets end with, is no part of it: none of what
 * a variable is for ends with one.
 */
export const variable = (name: string, env: Environment): string =>
  (Object.hasOwn(env, name) ? (env[name] ?? '') : '').replace(/\r?\n$/, '');
