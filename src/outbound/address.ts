/**
 * Joins a configured base address with a service's standard path, leaving out what the address already holds of it:
 * an address that ends in the whole path is taken as it is (architecture section 10).
 * `https://h/v1/authmanager` + `/v1/authmanager/authenticate` → `https://h/v1/authmanager/authenticate`.
 */
export function serviceUrl(base: string, standardPath: string): string {
  const url = new URL(base);
  const given = url.pathname.split('/').filter((segment) => segment !== '');
  const standard = standardPath.split('/').filter((segment) => segment !== '');
  let overlap = Math.min(given.length, standard.length);
  while (overlap > 0 && given.slice(-overlap).join('/') !== standard.slice(0, overlap).join('/')) overlap -= 1;
  url.pathname = `/${[...given, ...standard.slice(overlap)].join('/')}`;
  return url.toString();
}
