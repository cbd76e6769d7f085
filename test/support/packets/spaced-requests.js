// Sends requests over one connection, spaced by so many milliseconds, without waiting for answers. Prints, as JSON, the
// wall-clock milliseconds just before and just after each was given to the kernel.
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

const [port, count, spaceMs] = process.argv.slice(2).map(Number);
const socket = connect({ port, host: '127.0.0.1', noDelay: true });
await new Promise((resolve) => socket.once('connect', resolve));
const body = '{}';
const head = `POST /v4/recentcontact/get_contact_group HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n\r\n`;
const written = [];
for (let i = 0; i < count; i += 1) {
  const before = Date.now();
  socket.write(head + body);
  written.push([before, Date.now()]);
  await setTimeout(spaceMs);
}
process.stdout.write(JSON.stringify(written));
socket.destroy();
