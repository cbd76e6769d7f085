import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatorPatch } from '../options/options.ts';
import { readPatch, SimulatorOptionsError } from '../options/read-options.ts';
import { sendJson } from './answer.ts';
import type { Report } from './call-recorder.ts';

/** The paths of the control API: not counted, not signed, without faults. */
export const CONTROL_PATH = '/_simulator/';

/** The control of a running simulator. */
export interface Controls {
  report(): Report;
  change(patch: SimulatorPatch): void;
  reset(): void;
}

const readAll = async (request: IncomingMessage): Promise<string> => {
  request.setEncoding('utf8');
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
};

/** `GET report`, `POST options` with a JSON patch, `POST reset`. */
export const handleControl = async (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  controls: Controls,
): Promise<void> => {
  const asked = `${request.method} ${path.slice(CONTROL_PATH.length)}`;
  const body = await readAll(request);
  if (asked === 'POST options') {
    try {
      controls.change(readPatch(JSON.parse(body)));
    } catch (error) {
      if (!(error instanceof SimulatorOptionsError || error instanceof SyntaxError)) throw error;
      sendJson(response, JSON.stringify({ error: error.message }), 400);
      return;
    }
  } else if (asked === 'POST reset') controls.reset();
  else if (asked !== 'GET report') {
    sendJson(response, JSON.stringify({ error: `no ${asked} here` }), 404);
    return;
  }
  sendJson(response, JSON.stringify(controls.report()));
};
