// Imported into the program before it begins (NODE_OPTIONS): leaves the most memory that it ever had resident, in KiB,
// in the file that PEAK_MEMORY_FILE names.
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => writeFileSync(process.env.PEAK_MEMORY_FILE ?? '', String(peak())));

function peak() {
  // Not resourceUsage's figure where there is a better one: on Linux that one begins with the parent's memory.
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
