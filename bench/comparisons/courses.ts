import type { SimulatorOptions } from '../../src/simulator/options/options.ts';
import type { Course } from './rivals.ts';

const content: Partial<SimulatorOptions> = { empty: 0.05 };
// From arrival to answer, in milliseconds: a service in the same region.
const NEAR: Partial<SimulatorOptions> = { latency: [20, 80] };

/** The tasks for the rivals, by name. */
export const courses: readonly Course[] = [
  { name: '200', rate: 200, simulator: { ...content, ...NEAR } },
  // The answers come at once, so that the rivals' own work shows.
  { name: 'unthrottled', rate: null, simulator: content },
  {
    // Temporary faults: rate-limit errors and errors of the service, each within an HTTP 200, as the API has them.
    name: 'faults',
    rate: 200,
    simulator: {
      ...content,
      ...NEAR,
      faults: { '60007': 0.01, '60011': 0.01, '50004': 0.01, '50005': 0.01 },
      notImported: 0.01,
    },
  },
  // Lasting faults: a few users whose every call fails, and some who left the app.
  { name: 'failing', rate: 200, simulator: { ...content, ...NEAR, failing: 0.005, notImported: 0.01 } },
];
