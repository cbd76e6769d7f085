import { describeColumn } from './judge.ts';

describeColumn('parquet');
