import type { Job } from '../../config/model/job.ts';
import { destinationKind } from '../../destinations/open/kinds.ts';
import { metrics } from './metric-table.ts';
import type { Moment } from './moment.ts';

/** What tells one job's metrics from another's. */
export type JobLabels = {
  readonly job_name: string;
  /** `postgres`, `embedded`, or the form of the files: `csv`, `csv.gz`, `parquet`. */
  readonly destination: string;
  readonly sdk_app_id: string;
};

export const labelsOf = ({ name, destination, api }: Job): JobLabels => ({
  job_name: name,
  destination: destinationKind(destination).about(destination).label,
  sdk_app_id: String(api.sdkAppId),
});

/** Metrics in Prometheus' text format, version 0.0.4. */
export async function metricsText(moment: Moment, labels: JobLabels): Promise<string> {
  // Takes some 60 ms, which are for those to pay who asked for metrics.
  const { Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  for (const { name, help, samples } of metrics) {
    const found = samples(moment);
    const [first] = found;
    // A name without a sample would say nothing, at length.
    if (first === undefined) continue;
    const labelNames = [...Object.keys(labels), ...Object.keys(first[1] ?? {})];
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const [value, more] of found) gauge.set({ ...labels, ...more }, value);
  }
  // The format wants an end to its last line, too.
  return `${(await registry.metrics()).trimEnd()}\n`;
}
