import { FHIR_PREFIX } from './target.js';

/** Puts `/fhir` where the FHIR server names its own address, which is internal. */
export interface LinkRewriter {
  /** A `Location` or `Content-Location`; undefined when it points anywhere else than below the base path. */
  location(value: string): string | undefined;
  /** A JSON body. Without the server's host in it, the same buffer. */
  body(bytes: Buffer): string | Buffer;
}

const escapeForPattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Works on the raw text, which is fast and changes no other byte: every string that starts with the base address is
 * rewritten (`fullUrl`, `link.url`, `reference`, ...), save a `system`, which is a name and not a link. `base` has no last
 * slash. Slashes may be escaped in JSON.
 */
export function createLinkRewriter(base: string): LinkRewriter {
  const { host, pathname } = new URL(base);
  const basePath = pathname.replace(/\/$/, '');
  const address = escapeForPattern(base).replaceAll('/', '\\\\?/');
  const links = new RegExp(`(?<!"system"\\s*:\\s*")${address}(?=[/?#"]|\\\\/)`, 'g');

  return {
    location(value) {
      const url = URL.parse(value, `${base}/`);
      if (url === null) return undefined;
      const { pathname: path, search } = url;
      return path.startsWith(`${basePath}/`) ? `${FHIR_PREFIX}${path.slice(basePath.length)}${search}` : undefined;
    },
    body(bytes) {
      return bytes.includes(host) ? bytes.toString('utf8').replace(links, FHIR_PREFIX) : bytes;
    },
  };
}
