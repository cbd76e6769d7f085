import { FAULT_FORM, type Fault, isFault, type ScriptedFault } from './fault.ts';
import { type Bounds, boundsText, type SimulatorOption } from './option-kinds.ts';
import type { ValuePlace } from './value-place.ts';

const SCRIPTED_FORM =
  '{fault, calls: [from, to]}, {fault, seconds: [from, to]} or {fault, user, times}, and no other fields';

/** Reads the value of an option. @returns undefined when it is invalid, with a problem at its place */
export function readValue(option: SimulatorOption, value: unknown, place: ValuePlace): unknown {
  if (value === null && option.nullable) return null;
  switch (option.kind) {
    case 'text':
      return value === '' ? place.refuse('text of at least one character', value) : text(value, place);
    case 'integer':
      return integer(value, place, option);
    case 'number':
      return number(value, place, option);
    case 'share':
      return share(value, place);
    case 'boolean':
      return typeof value === 'boolean' ? value : place.refuse('true or false', value, withoutQuotes(value));
    case 'choice':
      return choice(value, place, option.choices);
    case 'range':
      return range(value, place);
    case 'fault-shares':
      return faultShares(value, place);
    case 'fault-script':
      return faultScript(value, place);
  }
}

/** Whether a value is an object with named fields. */
export const hasFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function text(value: unknown, place: ValuePlace): string | undefined {
  if (typeof value === 'string') return value;
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  return place.refuse('text', value, isScalar ? 'put the value in quotes in YAML and JSON' : '');
}

/** A hint for a number, true or false that was given as text. */
function withoutQuotes(value: unknown): string {
  return typeof value === 'string' && /^\s*(true|false|[-+]?\.?\d[\d_.e+-]*)\s*$/i.test(value)
    ? 'remove the quotes around the value'
    : '';
}

function number(value: unknown, place: ValuePlace, bounds: Bounds): number | undefined {
  if (Number.isFinite(value) && isWithin(value as number, bounds)) return positiveZero(value as number);
  return place.refuse(`a number ${boundsText(bounds)}`.trim(), value, withoutQuotes(value));
}

function integer(value: unknown, place: ValuePlace, bounds: Bounds): number | undefined {
  if (Number.isSafeInteger(value) && isWithin(value as number, bounds)) return positiveZero(value as number);
  const isTooLong = Number.isInteger(value) && !Number.isSafeInteger(value);
  const range = isTooLong && bounds.max === undefined ? 'between -2^53 and 2^53' : boundsText(bounds);
  return place.refuse(`a whole number ${range}`.trim(), value, withoutQuotes(value));
}

const isWithin = (
  value: number,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Bounds,
): boolean => value >= min && value <= max;

/** JSON has no -0. */
const positiveZero = (value: number): number => value + 0;

const share = (value: unknown, place: ValuePlace): number | undefined =>
  number(value, place, { min: 0, max: 1 });

function choice(
  value: unknown,
  place: ValuePlace,
  choices: readonly (string | number)[],
): string | number | undefined {
  const found = choices.find((one) => one === value);
  return found ?? place.refuse(`one of ${choices.join(', ')}`, value, withoutQuotes(value));
}

function range(value: unknown, place: ValuePlace): [from: number, to: number] | undefined {
  if (!Array.isArray(value) || value.length !== 2) {
    return place.refuse('[from, to], two numbers from 0', value);
  }
  const from = number(value[0], place.part(0), { min: 0 });
  const to = number(value[1], place.part(1), { min: 0 });
  if (from === undefined || to === undefined) return undefined;
  return from <= to ? [from, to] : place.refuse('a first number that does not exceed the second', value);
}

function faultShares(value: unknown, place: ValuePlace): Partial<Record<Fault, number>> | undefined {
  if (!hasFields(value)) return place.refuse('{fault: share}, with shares from 0 to 1', value);
  const shares: Partial<Record<Fault, number>> = {};
  let areGood = true;
  let sum = 0;
  for (const [name, part] of Object.entries(value)) {
    const read = share(part, place.part(name));
    if (!isFault(name)) place.part(name).refuse(FAULT_FORM, name);
    if (!isFault(name) || read === undefined) {
      areGood = false;
      continue;
    }
    shares[name] = read;
    sum += read;
  }
  if (!areGood) return undefined;
  return sum <= 1 ? shares : place.refuse('shares with a sum of at most 1', sum);
}

function faultScript(value: unknown, place: ValuePlace): ScriptedFault[] | undefined {
  if (!Array.isArray(value)) return place.refuse(`a list of ${SCRIPTED_FORM}`, value);
  const faults = Array.from(value, (one, i) => scriptedFault(one, place.part(i)));
  return faults.every((one) => one !== undefined) ? faults : undefined;
}

function scriptedFault(value: unknown, place: ValuePlace): ScriptedFault | undefined {
  if (!hasFields(value)) return place.refuse(SCRIPTED_FORM, value);
  const fieldRange = (field: string) => range(value[field], place.part(field));
  switch (Object.keys(value).sort().join()) {
    case 'calls,fault': {
      const [fault, calls] = [faultName(value.fault, place.part('fault')), fieldRange('calls')];
      return fault && calls && { fault, calls };
    }
    case 'fault,seconds': {
      const [fault, seconds] = [faultName(value.fault, place.part('fault')), fieldRange('seconds')];
      return fault && seconds && { fault, seconds };
    }
    case 'fault,times,user': {
      const fault = faultName(value.fault, place.part('fault'));
      const user = text(value.user, place.part('user'));
      const times = integer(value.times, place.part('times'), { min: 0 });
      if (fault === undefined || user === undefined || times === undefined) return undefined;
      return { fault, user, times };
    }
    default:
      return place.refuse(SCRIPTED_FORM, value);
  }
}

function faultName(value: unknown, place: ValuePlace): Fault | undefined {
  // In YAML, 50004 is a number.
  const name = typeof value === 'number' ? String(value) : value;
  return isFault(name) ? name : place.refuse(FAULT_FORM, value);
}
