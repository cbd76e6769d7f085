// Starts the embedded server of the directory given, says so in one line of JSON, and ends it when told to.
import { register } from 'tsx/esm/api';

register();
const { startEmbeddedServer } = await import('../../../src/destinations/embedded/server.ts');

process.once('SIGTERM', async () => {
  await server.stop();
  process.exit();
});
const server = await startEmbeddedServer({ dir: process.argv[2], durable: false });
process.stdout.write(`${JSON.stringify(server)}\n`);
setInterval(() => {}, 60_000);
