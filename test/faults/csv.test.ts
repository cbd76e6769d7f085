import { describeColumn } from './judge.ts';

describeColumn('csv');
