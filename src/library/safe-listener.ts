/** Somebody else's function that is told of something; what it returns is not used. */
type Listener<A extends readonly unknown[]> = ((...args: A) => unknown) | undefined;

/**
 * A listener that cannot break what it is told of: what it throws, at once or later, is told in words instead.
 * Undefined where there is none to tell.
 */
export function told<A extends readonly unknown[]>(
  name: string,
  listener: Listener<A>,
  onFault: (message: string) => void,
): ((...args: A) => void) | undefined {
  if (listener === undefined) return undefined;
  const failed = (error: unknown): void =>
    onFault(`the listener ${name} threw: ${error instanceof Error ? error.message : String(error)}`);
  return (...args) => {
    try {
      const result = listener(...args);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}

/** The listener of warnings, which has nobody to tell of what it throws itself. */
export const toldOfWarnings = (
  listener: ((message: string) => unknown) | undefined,
): ((message: string) => void) => told('onWarning', listener, () => {}) ?? (() => {});
