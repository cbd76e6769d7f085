/** A value of Prometheus' text format. */
export type MetricSample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{((?:${LABEL})(?:,(?:${LABEL}))*)\\})? (\\S+)$`);

/**
 * Reads metrics by the rules of the text format 0.0.4, and by node_exporter's own, which wants no timestamps: every name
 * has a HELP and a TYPE once, before its samples, which stand together; no sample comes twice; the last line ends.
 * @throws Error with the line that breaks a rule
 */
export function readTextFormat(text: string): MetricSample[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const samples: MetricSample[] = [];
  const seen = { help: new Set<string>(), type: new Set<string>(), sample: new Set<string>() };
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const refuse = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    if (line === '') continue;
    const [, about, subject = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (about === 'HELP') {
      if (seen.help.has(subject) || seen.type.has(subject)) refuse('a second HELP, or one after TYPE');
      if (/\\(?![\\n])/.test(rest)) refuse('an escape that HELP does not know');
      seen.help.add(subject);
      current = subject;
    } else if (about === 'TYPE') {
      if (seen.type.has(subject) || subject !== current) refuse('a TYPE out of its place');
      if (!/^(counter|gauge|histogram|summary|untyped)$/.test(rest)) refuse('no TYPE');
      seen.type.add(subject);
    } else {
      const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? refuse('no sample');
      if (name !== current || !seen.type.has(name)) refuse('a sample away from its HELP and TYPE');
      if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) refuse('no number');
      const sample = { name, labels: labelsOf(labels, refuse), value: Number(value) };
      const key = JSON.stringify([name, Object.entries(sample.labels).sort()]);
      if (seen.sample.has(key)) refuse('a sample that was there before');
      seen.sample.add(key);
      samples.push(sample);
    }
  }
  return samples;
}

function labelsOf(text: string, refuse: (why: string) => never): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [pair] of text.matchAll(new RegExp(LABEL, 'g'))) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    if (name in labels) refuse('a label that is there twice');
    labels[name] = pair
      .slice(at + 2, -1)
      .replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}
