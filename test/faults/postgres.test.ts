import { describeColumn } from './judge.ts';

describeColumn('postgres 18');
describeColumn('postgres 15');
