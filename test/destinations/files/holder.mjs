// Opens the export's directory given and holds it until it is killed.
import { register } from 'tsx/esm/api';

register();
const { FileDestination } = await import('../../../src/destinations/files/file-destination.ts');
const { app } = await import('../samples.ts');

try {
  await FileDestination.open(process.argv[2], app);
  process.stdout.write('open\n');
  setInterval(() => {}, 60_000);
} catch (error) {
  process.stdout.write(`refused: ${error.name}: ${error.message}\n`);
}
