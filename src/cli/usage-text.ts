import { didYouMean } from '../config/parse/suggestion.ts';

// A URL may contain a password, and stand at any place.
const URLS = /([a-z][a-z0-9+.-]*:\/\/)\S+/gi;

/**
 * yargs' message about a wrong command line, in one line with a hint. Of a URL, only the scheme is shown.
 * @param flags those of the command
 */
export const usageText = (said: string, args: readonly string[], flags: readonly string[]): string =>
  sentence(said, args, flags).replaceAll(URLS, '$1…');

function sentence(said: string, args: readonly string[], flags: readonly string[]): string {
  const unknown = /^Unknown (?:arguments?|commands?): ([^\s,]+)/.exec(said)?.[1];
  if (unknown === 'secret-key') {
    return '--secret-key does not exist: every user of this machine could read it; use --secret-key-file FILE or CHAT_EXPORT_SECRET_KEY';
  }
  if (unknown !== undefined && args.some((arg) => arg.startsWith(`--${unknown}`))) {
    return `--${unknown}: there is no such option${didYouMean(
      unknown,
      flags.map((name) => `--${name}`),
    )}; chat-export ${args[0]} --help lists them`;
  }
  if (unknown !== undefined && args[0] === 'sql') {
    return `sql: ${unknown} is one argument too many; the statement is one, between quotation marks, and only a job file may follow it`;
  }
  if (unknown !== undefined)
    return `${unknown}: there is no such command, or it takes no such argument; see chat-export --help`;
  if (said.startsWith('Not enough non-option arguments')) {
    return `chat-export ${args[0]}: an argument is missing; see chat-export ${args[0]} --help`;
  }
  const valueless = /^Not enough arguments following: (\S+)$/.exec(said)?.[1];
  if (valueless !== undefined) return `--${valueless}: given without a value; write --${valueless} VALUE`;
  const wrong = /Argument: (\S+), Given: "(.*)", Choices: (.+)$/.exec(said);
  if (wrong !== null) return `${args[0]} ${wrong[2]}: expected one of ${wrong[3]?.replaceAll('"', '')}`;
  return said.replace(/\s*\n\s*/g, ' ');
}
