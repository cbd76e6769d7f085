import { createServer, type Socket } from 'node:net';
import { answersOf, type PagesOptions, userAt } from './pages.ts';

/**
 * A server that is faster than any client here: it answers from memory, and reads only a part of each request. With the
 * simulator, which makes each page on request, all clients would be equally fast.
 *
 * It gets the pages to serve, sends its port, and serves until it is killed.
 */
process.once('message', (message) => {
  const options = message as PagesOptions;
  const bodies = new Map<string, Buffer[]>();
  for (let place = 0; place < options.users; place += 1) {
    bodies.set(
      userAt(place),
      answersOf(place, options).map((text) => Buffer.from(text)),
    );
  }
  const server = createServer((socket) => serve(socket, bodies));
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
});
process.once('disconnect', () => process.exit());

const HEAD_END = '\r\n\r\n';

function serve(socket: Socket, bodies: ReadonlyMap<string, readonly Buffer[]>): void {
  let pending = '';
  socket.setNoDelay();
  socket.on('error', () => socket.destroy());
  // User IDs here are ASCII.
  socket.setEncoding('latin1').on('data', (text: string) => {
    pending += text;
    for (;;) {
      const head = pending.indexOf(HEAD_END);
      if (head < 0) return;
      const end = head + HEAD_END.length + Number(/content-length: (\d+)/i.exec(pending)?.[1]);
      if (pending.length < end) return;
      const asked = JSON.parse(pending.slice(head + HEAD_END.length, end));
      pending = pending.slice(end);
      const body = bodies.get(asked.From_Account)?.[asked.StartIndex];
      if (body === undefined) throw new Error(`no page for ${JSON.stringify(asked)}`);
      socket.cork();
      socket.write(
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n` +
          `Date: ${new Date().toUTCString()}\r\nConnection: keep-alive\r\n\r\n`,
      );
      socket.write(body);
      socket.uncork();
    }
  });
}
