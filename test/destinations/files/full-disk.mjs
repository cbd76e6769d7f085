// Commits chunks of the export's directory given until one fails; says which did and how the first failed.
import { register } from 'tsx/esm/api';

register();
const { FileDestination } = await import('../../../src/destinations/files/file-destination.ts');
const { all, app, newRun, resultOf, userIds, userWith } = await import('../samples.ts');

const destination = await FileDestination.open(process.argv[2], app);
const run = await destination.begin(newRun(60, 1), [userIds(60)]);
const peers = Array.from({ length: 20 }, (_, i) => `a-peer-with-a-rather-long-name-${i}`);
const commits = (await all(run.openChunks(1))).map((chunk) =>
  run.commit(resultOf(run, chunk, { exported: chunk.userIds.map((userId) => userWith(userId, peers)) })),
);
const ends = await Promise.allSettled(commits);
const failed = ends.findIndex((end) => end.status === 'rejected');
process.stdout.write(`${failed} ${ends.slice(failed).every((end) => end.status === 'rejected')}\n`);
process.stdout.write(`${ends[failed]?.reason}\n`);
await destination.close();
