import { optionNames } from '../job/options.ts';
import { didYouMean } from '../job/suggestion.ts';

/** What yargs says of a wrong command line, in one line that says what to write. */
export function usageText(said: string, args: readonly string[]): string {
  const unknown = /^Unknown (?:arguments?|commands?): ([^\s,]+)/.exec(said)?.[1];
  if (unknown === 'secret-key') {
    return '--secret-key does not exist: everybody on this machine could read it; use --secret-key-file FILE or CHAT_EXPORT_SECRET_KEY';
  }
  if (unknown !== undefined && args.some((arg) => arg.startsWith(`--${unknown}`))) {
    return `--${unknown}: there is no such option${didYouMean(
      unknown,
      optionNames.map((name) => `--${name}`),
    )}; chat-export ${args[0]} --help lists them`;
  }
  if (unknown !== undefined && args[0] === 'sql') {
    return `sql: ${unknown} is one argument too many; put the statement between quotation marks`;
  }
  if (unknown !== undefined)
    return `${unknown}: there is no such command, or it takes no such argument; see chat-export --help`;
  if (said.startsWith('Not enough non-option arguments')) {
    return `chat-export ${args.join(' ')}: an argument is missing; see chat-export ${args[0]} --help`;
  }
  const valueless = /^Not enough arguments following: (\S+)$/.exec(said)?.[1];
  if (valueless !== undefined) return `--${valueless}: given without a value; write --${valueless} VALUE`;
  const wrong = /Argument: (\S+), Given: "(.*)", Choices: (.+)$/.exec(said);
  if (wrong !== null) return `${args[0]} ${wrong[2]}: expected one of ${wrong[3]?.replaceAll('"', '')}`;
  return said.replace(/\s*\n\s*/g, ' ');
}
