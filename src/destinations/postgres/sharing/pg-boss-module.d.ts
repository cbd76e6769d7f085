// pg-boss need not be installed where the program is compiled. `pg-boss.ts` describes the part that is used.
declare module 'pg-boss';
