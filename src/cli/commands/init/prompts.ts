import { confirm, isCancel, select, text } from '@clack/prompts';
import type { ProcessContext } from '../../command/process-context.ts';

/** The dialogue was cancelled. */
export class DialogueLeft extends Error {
  override readonly name = 'DialogueLeft';
}

export type Choice<V extends string> = { readonly value: V; readonly label: string; readonly hint?: string };

type TextQuestion = {
  /** The answer when nothing is typed. */
  readonly initial?: string;
  /** An example of an answer. */
  readonly example?: string;
  /** Why an answer is invalid, or undefined. */
  readonly problemWith: (answer: string) => string | undefined;
};

/** Questions on a terminal. Each throws `DialogueLeft` when it is cancelled, except `yes`, which then returns false. */
export type Prompts = {
  readonly text: (question: string, about: TextQuestion) => Promise<string>;
  readonly choice: <V extends string>(
    question: string,
    choices: readonly Choice<V>[],
    initial?: V,
  ) => Promise<V>;
  readonly yes: (question: string) => Promise<boolean>;
};

/** Questions on standard error, answers from standard input, until the signal. */
export function openPrompts({ input, err }: ProcessContext, signal: AbortSignal): Prompts {
  const common = () => ({
    input: input() as NodeJS.ReadStream,
    output: err as NodeJS.WriteStream,
    // A stream of its own: prompts leave their listeners behind.
    signal: AbortSignal.any([signal]),
  });
  return {
    text: async (question, { initial, example, problemWith }) => {
      const answer = await text({
        message: question,
        ...(initial === undefined ? {} : { initialValue: initial }),
        ...(example === undefined ? {} : { placeholder: example }),
        validate: (typed = '') => problemWith(typed.trim()),
        ...common(),
      });
      return answered(answer).trim();
    },
    choice: async (question, choices, initial) => {
      const answer = await select<string>({
        message: question,
        options: [...choices],
        ...(initial === undefined ? {} : { initialValue: initial }),
        showInstructions: false,
        ...common(),
      });
      // One of the offered values.
      return answered(answer) as (typeof choices)[number]['value'];
    },
    yes: async (question) => (await confirm({ message: question, ...common() })) === true,
  };
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new DialogueLeft('the dialogue was cancelled');
  return answer as Exclude<T, symbol>;
}
