import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const BYTES_READ_AT_ONCE = 256 * 1024;

/** The SHA-256 of a file's content, in hexadecimal. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  // One buffer for all reads: the buffers of a stream would take tens of MiB before they are freed.
  const buffer = Buffer.allocUnsafe(BYTES_READ_AT_ONCE);
  const file = await open(path, 'r');
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
