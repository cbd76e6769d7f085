import { expect, test } from 'vitest';
import { regionEndpoint, regions } from '../../src/chat-api/regions.ts';

test.each([
  ['china', 'https://console.tim.qq.com'],
  ['singapore', 'https://adminapisgp.im.qcloud.com'],
  ['seoul', 'https://adminapikr.im.qcloud.com'],
  ['tokyo', 'https://adminapijpn.im.qcloud.com'],
  ['frankfurt', 'https://adminapiger.im.qcloud.com'],
  ['silicon-valley', 'https://adminapiusa.im.qcloud.com'],
  ['jakarta', 'https://adminapiidn.im.qcloud.com'],
] as const)('%s is called at %s', (region, endpoint) => {
  expect(regionEndpoint(region)).toBe(endpoint);
  expect(new URL(endpoint).origin).toBe(endpoint);
  expect(regions[region].backupHost).toBe(
    region === 'china' ? 'adminapi.my-imcloud.com' : regions[region].host.replace('im.qcloud', 'my-imcloud'),
  );
});

test('no two regions share a host', () => {
  const hosts = Object.values(regions).flatMap(({ host, backupHost }) => [host, backupHost]);
  expect(hosts).toHaveLength(14);
  expect(new Set(hosts).size).toBe(14);
});
