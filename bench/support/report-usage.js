// Imported into the program before it begins (NODE_OPTIONS): leaves what it used in the file that BENCH_USAGE_FILE names,
// as JSON: `peakMiB`, the most memory that it ever had resident, and `cpuSeconds` of all its threads.
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  // On Linux, that peak begins with the parent's memory.
  const peakKiB =
    process.platform === 'linux'
      ? Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
      : maxRSS;
  const usage = { peakMiB: peakKiB / 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
  writeFileSync(process.env.BENCH_USAGE_FILE ?? '', JSON.stringify(usage));
});
