/**
 * A module of the program as it was built (`npm run build`): what is measured is what is installed, and not what a loader
 * makes of its sources for a process of the bench.
 * @param path below `dist`, such as `run/pass.js`; its type is that of the source: `typeof import('../../src/run/pull/pass.ts')`
 */
export const built = async <Module>(path: string): Promise<Module> =>
  (await import(new URL(`../../dist/${path}`, import.meta.url).href)) as Module;
