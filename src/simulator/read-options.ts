import { z } from 'zod';
import { defaultOptions, type Fault, type SimulatorOptions, type SimulatorPatch } from './options.ts';
import { SimulatorOptionsError } from './options-error.ts';

const FAULT_NAME = /^(\d{5}|http[45]\d\d|reset|cut|stall|garbage|truncatedJson|oversized|plainText|down)$/;
const faultName = z.custom<Fault>((value) => typeof value === 'string' && FAULT_NAME.test(value), {
  error:
    'a fault is five digits, http and three digits, reset, cut, stall, garbage, truncatedJson, oversized, plainText or down',
});
// In YAML, 50004 is a number.
const fault = z.preprocess((value) => (typeof value === 'number' ? String(value) : value), faultName);
const share = z.number().min(0).max(1);
const count = z.int().min(0);
const range = z
  .tuple([z.number().min(0), z.number().min(0)])
  .refine(([from, to]) => from <= to, { error: 'the first number must not exceed the second' });

const scriptedFault = z.union(
  [
    z.strictObject({ fault, calls: range }),
    z.strictObject({ fault, seconds: range }),
    z.strictObject({ fault, user: z.string(), times: count }),
  ],
  { error: 'expected {fault, calls: [from, to]}, {fault, seconds: [from, to]} or {fault, user, times}' },
);

const everyOption = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(0).max(65535),
  sdkAppId: z.int().min(1).max(4294967295),
  unknownAppCode: z.union([z.literal(70020), z.literal(70016)]),
  identifier: z.string().min(1),
  secretKey: z.string().min(1),
  maxSigAge: z.number().min(0).nullable(),
  clockOffset: z.number().min(-1e9).max(1e9),
  maxSigLead: z.number().min(0).nullable(),
  seed: z.int(),
  users: count,
  oddUserIds: share,
  empty: share,
  notImported: share,
  failing: share,
  endless: share,
  unreadable: share,
  unknownTypes: share,
  failingFromNight2: share,
  notImportedFromNight2: share,
  conversations: count.max(10_000),
  night: z.int().min(1),
  changed: share,
  oddities: z.boolean(),
  duplicates: share,
  pageSize: z.int().min(1).max(1000),
  groupItems: z.enum(['first', 'all', 'any']),
  rate: z.int().min(1),
  overRateCode: z.union([z.literal(60007), z.literal(60011)]),
  otherCalls: z.number().min(0),
  otherCallsSeconds: range.nullable(),
  latency: range,
  faults: z.record(z.string(), share).superRefine((faults, context) => {
    for (const name of Object.keys(faults)) {
      if (!FAULT_NAME.test(name))
        context.addIssue({ code: 'custom', path: [name], message: 'unknown fault' });
    }
    const sum = Object.values(faults).reduce((total, part) => total + part, 0);
    if (sum > 1) context.addIssue({ code: 'custom', message: `the shares add up to ${sum}, more than 1` });
  }),
  script: z.array(scriptedFault),
  stallMs: z.number().min(0).nullable(),
});

/** Options as they come from a file or a flag: any of them may be left out. */
const optionsSchema = everyOption.partial();

/** What may change while the simulator runs. */
const patchSchema = everyOption
  .pick({
    night: true,
    secretKey: true,
    maxSigAge: true,
    clockOffset: true,
    maxSigLead: true,
    rate: true,
    overRateCode: true,
    otherCalls: true,
    otherCallsSeconds: true,
    latency: true,
    faults: true,
    script: true,
    stallMs: true,
  })
  .partial();

const read = (schema: z.ZodType, value: unknown): unknown => {
  const result = schema.safeParse(value);
  // A key given as undefined must not hide its default.
  if (result.success) return JSON.parse(JSON.stringify(result.data));
  const lines = result.error.issues.map((issue) => `${issue.path.join('.') || 'options'}: ${issue.message}`);
  throw new SimulatorOptionsError(lines.join('\n'));
};

/** Checks options given as JSON and fills in the defaults. Throws {@link SimulatorOptionsError}. */
export const readOptions = (given: unknown): SimulatorOptions => ({
  ...defaultOptions,
  ...(read(optionsSchema, given) as Partial<SimulatorOptions>),
});

/** Checks a change given as JSON. Throws {@link SimulatorOptionsError}. */
export const readPatch = (given: unknown): SimulatorPatch => read(patchSchema, given) as SimulatorPatch;
