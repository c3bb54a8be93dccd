import { expect, test } from '@jest/globals';
import { serviceUrl } from '../../../src/outbound/index.js';

const AUTH = '/v1/authmanager/authenticate';

test.each([
  { name: 'a host alone', base: 'https://h', path: AUTH, url: `https://h${AUTH}` },
  { name: 'a last slash', base: 'https://h/', path: AUTH, url: `https://h${AUTH}` },
  { name: 'a port', base: 'http://h:8080', path: AUTH, url: `http://h:8080${AUTH}` },
  { name: 'a prefix of a gateway', base: 'https://h/gateway', path: AUTH, url: `https://h/gateway${AUTH}` },
  { name: 'the first part of the path', base: 'https://h/v1', path: AUTH, url: `https://h${AUTH}` },
  { name: 'more of the path', base: 'https://h/v1/authmanager/', path: AUTH, url: `https://h${AUTH}` },
  { name: 'a prefix and a part of the path', base: 'https://h/g/v1', path: AUTH, url: `https://h/g${AUTH}` },
  { name: 'the whole path', base: `https://h${AUTH}`, path: AUTH, url: `https://h${AUTH}` },
  { name: 'the whole path and a slash', base: `https://h${AUTH}/`, path: AUTH, url: `https://h${AUTH}` },
  { name: 'a segment that only begins alike', base: 'https://h/v1x', path: AUTH, url: `https://h/v1x${AUTH}` },
  { name: 'the last segment without the first', base: 'https://h/v2', path: '/v1/v2', url: 'https://h/v2/v1/v2' },
  { name: 'a query', base: 'https://h/hub?tenant=1', path: '/hub', url: 'https://h/hub?tenant=1' },
])('a base address with $name', ({ base, path, url }) => {
  expect(serviceUrl(base, path)).toBe(url);
});
