import { makeDirectory, removeDirectory } from './make-directory.ts';
import { whenOver } from './when-over.ts';

/**
 * A new temporary directory that any account may enter, so that a server running as `nobody` can work below it. It is removed
 * when the test ends; made outside of a test, it is removed after the file's last test.
 */
export async function temporaryDirectory(): Promise<string> {
  const directory = await makeDirectory();
  whenOver(() => removeDirectory(directory));
  return directory;
}

/** The same at a path that can hold a socket, wherever temporary files are: it is short, and a shell reads it without quotes. */
export async function plainDirectory(): Promise<string> {
  const directory = await makeDirectory('/tmp');
  whenOver(() => removeDirectory(directory));
  return directory;
}
