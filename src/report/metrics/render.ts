import type { Job } from '../../config/model/job.ts';
import { destinationKind } from '../../destinations/open/kinds.ts';
import { metrics } from './metric-table.ts';
import type { Moment } from './moment.ts';

/** The labels that distinguish one job's metrics from another's. */
export type JobLabels = {
  readonly job_name: string;
  /** `postgres`, `embedded`, or the format of the files: `csv`, `csv.gz`, `parquet`. */
  readonly destination: string;
  readonly sdk_app_id: string;
};

export const jobLabels = ({ name, destination, api }: Job): JobLabels => ({
  job_name: name,
  destination: destinationKind(destination).about(destination).label,
  sdk_app_id: String(api.sdkAppId),
});

/** Metrics in Prometheus' text format, version 0.0.4. */
export async function metricsText(moment: Moment, labels: JobLabels): Promise<string> {
  // Loading it takes some 60 ms, so only runs with metrics load it.
  const { Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  for (const { name, help, samples } of metrics) {
    const found = samples(moment);
    const [first] = found;
    // A name without a sample would only be noise.
    if (first === undefined) continue;
    const labelNames = [...Object.keys(labels), ...Object.keys(first[1] ?? {})];
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const [value, more] of found) gauge.set({ ...labels, ...more }, value);
  }
  // The format requires a line end on its last line, too.
  return `${(await registry.metrics()).trimEnd()}\n`;
}
