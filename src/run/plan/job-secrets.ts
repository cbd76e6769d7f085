import type { Job } from '../../config/model/job.ts';
import type { NamedSecret } from '../../user-list/key-watch.ts';

type Secrets = Pick<Job, 'api'> & { readonly rows?: Partial<Pick<Job['rows'], 'pseudonymize'>> };

/** The secrets of a job that somebody may take for its user list, since each is a file that an option names. */
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
