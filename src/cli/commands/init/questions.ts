import { type OptionName, options } from '../../../config/model/options.ts';
import {
  destinationForms,
  findForm,
  kindForms,
  queryableForms,
} from '../../../destinations/open/parse-destination.ts';
import { timeSpan } from '../../../text/format.ts';
import type { Draft, Quota } from './draft.ts';
import type { Prompts } from './prompts.ts';

/** The values that a job needs, and that are asked for when they are missing. */
export type Question = {
  readonly isOpen: (draft: Draft) => boolean;
  /** The value to write when no question can be asked; null when the job works without it. */
  readonly missing: string | null;
  readonly ask: (ask: Asking, draft: Draft) => Promise<Draft>;
};

/** Asks the questions, and checks the answer for an option. */
export type Asking = Prompts & {
  readonly problemWith: (name: OptionName, text: string) => string | undefined;
};

// Half of the quota, and at most six hours of the night, when the back end makes few calls.
const SHARE_OF_QUOTA = { rate: String(Number(options.rate.default) / 2), 'max-duration': '6h' } as const;

const MILLION = 1_000_000;

const lacks =
  (...names: readonly OptionName[]) =>
  ({ values }: Draft): boolean =>
    names.every((name) => !values.has(name));

const withValue = (draft: Draft, name: OptionName, text: string): Draft =>
  text === '' ? draft : { ...draft, values: new Map(draft.values).set(name, text) };

/** Fills in the rate and the longest duration that suit the users of the quota, unless they are given. */
export function suggested(draft: Draft): Draft {
  if (draft.quota === null) return draft;
  const values = draft.quota === 'own' ? { rate: options.rate.default } : SHARE_OF_QUOTA;
  return {
    ...draft,
    values: new Map([...(Object.entries(values) as [OptionName, string][]), ...draft.values]),
  };
}

type About = { readonly initial?: string; readonly example?: string; readonly mayBeEmpty?: true };

async function askFor(
  ask: Asking,
  draft: Draft,
  name: OptionName,
  question: string,
  { mayBeEmpty, ...about }: About = {},
): Promise<Draft> {
  const problemWith = (text: string): string | undefined => {
    if (text === '') return mayBeEmpty ? undefined : 'please answer';
    return ask.problemWith(name, text);
  };
  return withValue(draft, name, await ask.text(question, { ...about, problemWith }));
}

const address: Question = {
  isOpen: lacks('region', 'endpoint'),
  missing: `the API's address is missing: give --region REGION (${options.region.choices.join(', ')}) or --endpoint URL`,
  ask: async (ask, draft) => {
    const region = await ask.choice('In which region is the app? The console shows it (data center).', [
      ...options.region.choices.map((value) => ({ value, label: value })),
      { value: 'other', label: 'another host', hint: 'such as that of chat-export simulate' } as const,
    ]);
    return region === 'other'
      ? await askFor(ask, draft, 'endpoint', 'Its URL', { example: 'https://chat.example.com' })
      : withValue(draft, 'region', region);
  },
};

const app: Question = {
  isOpen: lacks('sdk-app-id'),
  missing: 'sdk-app-id is missing: give --sdk-app-id NUMBER',
  ask: (ask, draft) =>
    askFor(ask, draft, 'sdk-app-id', 'The SDKAppID of the app, as the console shows it', {
      example: '1400000000',
    }),
};

const admin: Question = {
  isOpen: lacks('identifier'),
  missing: null,
  ask: (ask, draft) =>
    askFor(ask, draft, 'identifier', 'An admin account of the app', { initial: options.identifier.default }),
};

const key: Question = {
  isOpen: (draft) => !draft.keyInVariable && lacks('secret-key-file', 'usersig-file')(draft),
  missing:
    'the location of the secret key is missing: give --secret-key-file FILE, or --key-in-variable if CHAT_EXPORT_SECRET_KEY holds it',
  ask: async (ask, draft) => {
    const place = await ask.choice('Where is the secret key? It is not written into the job file.', [
      { value: 'file', label: 'in a file', hint: 'readable only for the account that runs the job' },
      { value: 'variable', label: 'in the variable CHAT_EXPORT_SECRET_KEY' },
    ]);
    return place === 'variable'
      ? { ...draft, keyInVariable: true }
      : await askFor(ask, draft, 'secret-key-file', 'Its file', { initial: 'secret-key' });
  },
};

const list: Question = {
  isOpen: lacks('users', 'users-sql'),
  missing: 'users is missing: give --users FILE|- or --users-sql QUERY',
  ask: async (ask, draft) => {
    const kind = await ask.choice('Where is the list of users?', [
      { value: 'users', label: 'in a file', hint: 'one ID a line, .csv with a header, or .jsonl; also .gz' },
      { value: 'users-sql', label: 'in a database' },
    ]);
    return kind === 'users'
      ? await askFor(ask, draft, 'users', 'Its file', { initial: 'users.txt' })
      : await askFor(ask, draft, 'users-sql', 'The query, with one column of IDs', {
          example: 'select user_id from accounts order by user_id',
        });
  },
};

const destination: Question = {
  isOpen: lacks('to'),
  missing: `to is missing: give --to ${destinationForms}`,
  ask: async (ask, draft) => {
    const scheme = await ask.choice(
      'Where do the rows go?',
      kindForms.map(({ form: { schemes, offer } }) => ({
        value: schemes[0],
        label: offer.label,
        ...(offer.hint === undefined ? {} : { hint: offer.hint }),
      })),
    );
    const form = findForm(`${scheme}:`)?.form;
    const whole = (text: string): string => (form?.rest === 'url' ? text : `${scheme}:${text}`);
    const question = form?.offer.question ?? null;
    if (question === null) return withValue(draft, 'to', whole(''));
    const { text: shown, ...about } = question;
    const problemWith = (text: string): string | undefined =>
      text === '' ? 'please answer' : ask.problemWith('to', whole(text));
    return withValue(draft, 'to', whole(await ask.text(shown, { ...about, problemWith })));
  },
};

const queried: Question = {
  isOpen: ({ values }) =>
    values.has('users-sql') &&
    !values.has('users-db') &&
    findForm(values.get('to') ?? '')?.kind.database === null,
  missing: `users-db is missing: the destination cannot answer --users-sql; give --users-db ${queryableForms}`,
  ask: (ask, draft) =>
    askFor(ask, draft, 'users-db', 'The database that answers the query, without a password', {
      example: 'postgres://reader@crm.example.com/crm',
    }),
};

const quota: Question = {
  isOpen: lacks('rate'),
  missing:
    'the share of the quota is missing: give --rate N (calls a second), or --quota own, or --quota shared if the back end calls the same API',
  ask: async (ask, draft) => {
    const whose = await ask.choice<Quota>(
      `The quota, ${options.rate.default} calls a second, belongs to the app. Does your back end call the same API?`,
      [
        { value: 'own', label: 'no', hint: `all of it for this job: ${options.rate.default} calls a second` },
        {
          value: 'shared',
          label: 'yes, or perhaps',
          hint: `half of it, ${SHARE_OF_QUOTA['max-duration']} an attempt, while the back end is quiet`,
        },
      ],
    );
    const asked = { ...draft, quota: whose };
    if (whose === 'own') return suggested(asked);
    const { rate, 'max-duration': window } = SHARE_OF_QUOTA;
    const least = timeSpan((MILLION * 1000) / Number(rate));
    const rated = await askFor(
      ask,
      asked,
      'rate',
      `Calls a second for this job (at ${rate}, a million users take ${least})`,
      { initial: rate },
    );
    if (!lacks('max-duration')(rated)) return rated;
    return await askFor(
      ask,
      rated,
      'max-duration',
      'How long may an attempt run before the next one resumes? (empty: no limit)',
      { initial: window, mayBeEmpty: true },
    );
  },
};

/** In the order of the questions. */
export const questions: readonly Question[] = [address, app, admin, key, list, destination, queried, quota];
