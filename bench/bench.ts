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
  /** Where the findings go; a bench that takes long keeps there what it has so far. */
  readonly results: string;
  /** Tells how far it is. */
  readonly say: (text: string) => void;
};

/** What a bench found out. */
export type Findings = {
  /** Each is a line of the summary, in this order. */
  readonly figures: readonly Figure[];
  readonly tables?: readonly TextTable[];
  readonly charts?: readonly Chart[];
};

export type Bench = {
  readonly name: string;
  /** One line for whoever chooses. */
  readonly summary: string;
  /** Not among those that run when none is named. */
  readonly onlyWhenNamed?: true;
  readonly run: (setting: Setting) => Promise<Findings>;
};
