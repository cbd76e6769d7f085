import type { Job } from '../../config/model/job.ts';
import type { NamedSecret } from '../../user-list/key-watch.ts';

type Secrets = Pick<Job, 'api'> & { readonly rows?: Partial<Pick<Job['rows'], 'pseudonymize'>> };

/** The secrets that options read from files: a file with a secret can be mistaken for the user list. */
export function jobSecrets({ api: { credentials }, rows }: Secrets): NamedSecret[] {
  const own: NamedSecret =
    credentials.kind === 'secretKey'
      ? { what: 'the secret key of the app', text: credentials.secretKey.reveal() }
      : { what: 'the UserSig', text: credentials.userSig.reveal() };
  const pseudonymKey = rows?.pseudonymize ?? null;
  return pseudonymKey === null
    ? [own]
    : [own, { what: 'the key of --pseudonymize', text: pseudonymKey.reveal() }];
}
