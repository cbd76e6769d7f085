/** Invalid options. The message names every bad field, one a line. */
export class SimulatorOptionsError extends Error {
  override readonly name = 'SimulatorOptionsError';
}
