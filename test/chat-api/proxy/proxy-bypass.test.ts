import { expect, test } from 'vitest';
import { bypassesProxy } from '../../../src/chat-api/proxy/proxy-bypass.ts';

test.each([
  ['https://chat.example.com', 'chat.example.com'],
  ['https://chat.example.com', 'CHAT.Example.COM'],
  ['https://chat.example.com', 'example.com'],
  ['https://chat.example.com', '.example.com'],
  ['https://chat.example.com', '*.example.com'],
  ['https://chat.example.com', 'com'],
  ['https://chat.example.com', 'chat.example.com.'],
  ['https://chat.example.com', '*'],
  ['https://chat.example.com', 'localhost,*'],
  ['https://chat.example.com', 'localhost, 127.0.0.1 ,example.com'],
  ['https://chat.example.com', 'localhost 127.0.0.1 example.com'],
  ['https://chat.example.com', 'chat.example.com:443'],
  ['https://chat.example.com:8443', '.example.com:8443'],
  ['https://chat.example.com:8443', 'example.com'],
  ['https://10.1.2.3', '10.1.2.3'],
  ['https://10.1.2.3:8443', '10.1.2.3:8443'],
  ['https://10.1.2.3', '10.0.0.0/8'],
  ['https://[::1]', '::1'],
  ['https://[::1]', '[::1]'],
  ['https://[::1]:8443', '[::1]:8443'],
  ['https://[2001:db8::5]', '2001:DB8:0:0::5'],
  ['https://[2001:db8::5]', '2001:db8::/32'],
])('%s goes around the proxy where NO_PROXY is %j', (url, noProxy) => {
  expect(bypassesProxy(new URL(url), noProxy)).toBe(true);
});

test.each([
  ['https://chat.example.com', ''],
  ['https://chat.example.com', ' , '],
  ['https://chat.example.com', 'ample.com'],
  ['https://chat.example.com', 'api.chat.example.com'],
  ['https://chat.example.com', 'chat.example.com:8443'],
  ['https://chat.example.com', '.'],
  ['https://chat.example.com', '*.'],
  ['https://chat.example.com', ':443'],
  ['https://chat.example.com', '0.0.0.0/0'],
  ['https://chat.example.com', 'x/y'],
  ['https://10.1.2.3', '2.3'],
  ['https://10.1.2.3', '11.0.0.0/8'],
  ['https://10.1.2.3', '10.0.0.0/33'],
  ['https://10.1.2.3', '10.0.0/8'],
  ['https://10.1.2.3', '::/0'],
  ['https://[::1]', '::2'],
  ['https://[::1]', '1'],
  ['https://[::1]', '[::1]:8443'],
  ['https://[2001:db8::5]', '2001:db9::/32'],
])('%s goes through the proxy where NO_PROXY is %j', (url, noProxy) => {
  expect(bypassesProxy(new URL(url), noProxy)).toBe(false);
});
