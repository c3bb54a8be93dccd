function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

/** `application/json` and its kin: `application/fhir+json`, `text/json`, and the old `application/json+fhir`. */
export function isJson(contentType: string): boolean {
  return /^(application|text)\/([\w.-]+\+)?json(\+fhir)?$/.test(mediaType(contentType));
}

/** XML that says it is FHIR; other XML may be a gateway's error page. */
export function isFhirXml(contentType: string): boolean {
  return /^application\/(fhir\+xml|xml\+fhir)$/.test(mediaType(contentType));
}
