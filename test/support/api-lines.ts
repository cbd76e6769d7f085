import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeAuthority } from './certificates.ts';
import { temporaryDirectory } from './directory.ts';
import { startProxy, startTlsFront, type TestProxy } from './proxy.ts';
import type { Simulation } from './simulation.ts';

/** The way of one host to the API: a proxy that can fail. */
export type ApiLine = { readonly proxy: TestProxy; cut(): void; mend(): void };

export type ApiLines = {
  /** The simulation under the name that every host calls. */
  readonly simulation: Simulation;
  /** The certificate of its authority. */
  readonly caFile: string;
  /** A line for one more host: HTTPS_PROXY is the URL of its proxy. */
  line(): Promise<ApiLine>;
};

/** The API of several hosts, each of which has a way to it of its own. */
export async function apiLinesTo(simulation: Simulation): Promise<ApiLines> {
  const authority = await makeAuthority();
  const caFile = join(await temporaryDirectory(), 'ca.pem');
  await writeFile(caFile, authority.ca);
  const front = await startTlsFront(await authority.issue('chat.invalid'), simulation.url);
  return {
    simulation: { ...simulation, url: 'https://chat.invalid' },
    caFile,
    line: () => apiLine(front),
  };
}

async function apiLine(front: number): Promise<ApiLine> {
  let isCut = false;
  const proxy = await startProxy({ to: front, answer: () => ({ status: isCut ? 502 : 200 }) });
  return {
    proxy,
    cut: () => {
      isCut = true;
      for (const socket of proxy.open) socket.destroy();
    },
    mend: () => {
      isCut = false;
    },
  };
}
