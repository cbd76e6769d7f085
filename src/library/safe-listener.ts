/** A listener of the caller; its return value is ignored. */
type Listener<A extends readonly unknown[]> = ((...args: A) => unknown) | undefined;

/** A listener whose errors have no effect: an error or a rejected promise becomes a warning. Undefined without a listener. */
export function safeListener<A extends readonly unknown[]>(
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

/** The listener for warnings. Its own errors are dropped. */
export const safeWarningListener = (
  listener: ((message: string) => unknown) | undefined,
): ((message: string) => void) => safeListener('onWarning', listener, () => {}) ?? (() => {});
