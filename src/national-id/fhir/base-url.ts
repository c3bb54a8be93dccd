/** The configured base address without a last slash, so that `/Patient` can follow. */
export function fhirBaseUrl(configured: string): string {
  return configured.replace(/\/+$/, '');
}
