import type { OpenHimCorePeer } from '../../peers/openhim-core-peer.js';

/** Calls the API of core as its user, or as somebody else. */
export async function callCore(
  core: OpenHimCorePeer,
  method: string,
  path: string,
  body?: unknown,
  credentials = `${core.username}:${core.password}`,
): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(`${core.url}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.text() };
}
