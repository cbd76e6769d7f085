import { describeColumn } from './judge.ts';

describeColumn('embedded');
