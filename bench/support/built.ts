/**
 * A module of the built program (`npm run build`), so that a process of the bench measures the installed code and not the output
 * of a loader.
 * @param path below `dist`, such as `run/pull/pass.js`; its type is that of the source: `typeof
 * import('../../src/run/pull/pass.ts')`
 */
export const built = async <Module>(path: string): Promise<Module> =>
  (await import(new URL(`../../dist/${path}`, import.meta.url).href)) as Module;
