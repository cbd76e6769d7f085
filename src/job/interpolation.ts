import { secretVariables } from './options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

// Longest first: $${ is a literal ${, then a well-formed reference, then a ${ that is neither.
const references = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;

/**
 * Puts the environment's variables in the place of their `${NAME}`; `$${` gives a literal `${`. What a variable holds
 * is taken as it is, never read again.
 * @throws RangeError with a sentence that names the variable
 */
export function interpolate(template: string, env: Environment): string {
  return template.replace(references, (reference, name: string | undefined) => {
    if (reference === '$${') return '${';
    if (name === undefined) throw new RangeError(`expected \${VARIABLE}; a literal \${ is written $\${`);
    if (Object.values<string>(secretVariables).includes(name)) {
      throw new RangeError(`${name} is read by itself and has no place in another value`);
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value === undefined || value === '') {
      throw new RangeError(`the variable ${name} is not set; set it, or write $\${ for a literal \${`);
    }
    return value;
  });
}
