import type { Chart } from './report/chart.ts';
import type { Figure } from './report/figure.ts';
import type { TextTable } from './report/table.ts';

/** How a bench is to be run. */
export type Setting = {
  /** In a small form, which shows that the bench works; its figures are rough. */
  readonly quick: boolean;
  /** An empty directory that any account may enter, removed afterwards. */
  readonly directory: string;
  /** Where the contenders that run in processes of ours leave their CPU profiles; null: none. */
  readonly profiles: string | null;
  /** The directory for the findings. A long bench also keeps intermediate results there. */
  readonly results: string;
  /** Reports the progress. */
  readonly say: (text: string) => void;
};

/** The findings of a bench. */
export type Findings = {
  /** Each is a line of the summary, in this order. */
  readonly figures: readonly Figure[];
  readonly tables?: readonly TextTable[];
  readonly charts?: readonly Chart[];
};

export type Bench = {
  readonly name: string;
  /** One line for the list of benches. */
  readonly summary: string;
  /** Not among those that run when none is named. */
  readonly onlyWhenNamed?: true;
  readonly run: (setting: Setting) => Promise<Findings>;
};
