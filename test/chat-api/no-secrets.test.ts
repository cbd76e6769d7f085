import { expect, test } from 'vitest';
import { call, clientFor, EMPTY_PAGE, errorOf, failure, serve, serveBytes, shapesOf } from './server.ts';
import { keyCredentials, SECRET_KEY, sigCredentials, vendorSig } from './signing.ts';

const page = (fields: Record<string, unknown>): string =>
  JSON.stringify({ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '', CompleteFlag: 1, ...fields });

/** Bodies that quote the query back, whole, in part, escaped, and where a message is cut. */
const echoes: Readonly<Record<string, (sig: string) => string>> = {
  'in ErrorInfo': (sig) => failure(50_004, `bad usersig ${sig}!`),
  'in the ErrorInfo of an expired one': (sig) => failure(70_001, sig),
  'twice in ErrorInfo': (sig) => failure(99_999, `${sig} ${sig}`),
  'in an ErrorInfo that is cut in a message': (sig) => failure(50_004, `${'x'.repeat(400)}${sig}`),
  'in an ErrorInfo that is cut in a row': (sig) => failure(50_004, `${'x'.repeat(900)}${sig}`),
  'in an ErrorInfo that the server cut': (sig) => failure(50_004, sig.slice(0, -5)),
  'in an ErrorInfo with its stars escaped': (sig) => failure(50_004, sig.replaceAll('*', '%2A')),
  'in HTML': (sig) => `<p>?usersig=${sig}`,
  'at the start of a text': (sig) => sig,
  'in ActionStatus': (sig) => page({ ActionStatus: sig }),
  'in CompleteFlag': (sig) => page({ CompleteFlag: sig }),
  'in NextStartIndex': (sig) => page({ CompleteFlag: 0, NextStartIndex: { sig } }),
};

for (const [kind, credentials] of [
  ['a signed', keyCredentials],
  ['a given', () => sigCredentials(vendorSig('administrator', 86_400))],
] as const) {
  test.each(Object.entries(echoes))(
    `${kind} UserSig that is quoted back %s is in no error`,
    async (_, echo) => {
      for (const status of [200, 502]) {
        const { endpoint } = await serve(({ url }, response) => {
          response.writeHead(status).end(echo(url.searchParams.get('usersig') ?? ''));
        });
        const used = credentials();
        const shapes = shapesOf(await errorOf(call(clientFor(endpoint, { credentials: used }))));
        expect(shapes).not.toContain(used.current().slice(0, 20));
        expect(shapes).not.toContain(used.current().slice(-20));
        expect(shapes).not.toContain(SECRET_KEY);
      }
    },
  );
}

test('a UserSig in bytes that are no HTTP is in no error either', async () => {
  const credentials = keyCredentials();
  for (const start of [
    '',
    'HTTP/1.1 200 OK\r\nbroken header ',
    'HTTP/1.1 ',
    'HTTP/1.1 200 OK\r\nlocation ',
  ]) {
    const endpoint = await serveBytes((socket, data) => socket.end(`${start}${data}`));
    const error = await errorOf(call(clientFor(endpoint, { credentials })));
    expect(error).toMatchObject({ class: 'transient' });
    expect(shapesOf(error)).not.toContain(credentials.current().slice(0, 20));
  }
});

test('no error of a lost or silent connection shows the UserSig', async () => {
  const credentials = keyCredentials();
  const silent = clientFor(await serveBytes(() => {}), { credentials, timeoutMs: 100 });
  const lost = clientFor(await serveBytes((socket) => socket.resetAndDestroy()), { credentials });
  for (const client of [silent, lost]) {
    expect(shapesOf(await errorOf(call(client)))).not.toContain(credentials.current().slice(0, 20));
  }
});

test('a redirect is not followed, so the UserSig goes nowhere else', async () => {
  const elsewhere = await serve((_, response) => response.end(EMPTY_PAGE));
  for (const status of [301, 302, 307, 308]) {
    const { endpoint, arrivals } = await serve(({ url }, response) => {
      response.writeHead(status, { location: `${elsewhere.endpoint}${url.pathname}${url.search}` }).end();
    });
    expect(await errorOf(call(clientFor(endpoint)))).toMatchObject({ name: 'CallError' });
    expect(arrivals).toHaveLength(1);
  }
  expect(elsewhere.arrivals).toEqual([]);
});

test('what an error says besides the UserSig is kept', async () => {
  const { endpoint } = await serve(({ url }, response) => {
    response.end(failure(50_004, `before ${url.searchParams.get('usersig')} after`));
  });
  const error = await errorOf(call(clientFor(endpoint)));
  expect(error).toMatchObject({ class: 'transient', code: 50_004, info: 'before [usersig] after' });
});
