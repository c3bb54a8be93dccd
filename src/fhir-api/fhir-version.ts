/** Versions of FHIR as media types name them (R4, http.html 3.1.0.1.6). Any other is between the caller and the server. */
export const R4 = '4.0';
export const STU3 = '3.0';

const PARAMETER = /;\s*fhirVersion\s*=\s*"?([\d.]+)"?/i;

/** The version that `Accept` or `Content-Type` asks for or declares; undefined where it names none. */
export function fhirVersionOf(mediaTypes: string): string | undefined {
  return PARAMETER.exec(mediaTypes)?.[1];
}

/** The media types in another version, wherever they name one; `add`: also where they name none. */
export function inVersion(mediaTypes: string, version: string, options: { readonly add?: boolean } = {}): string {
  if (PARAMETER.test(mediaTypes)) return mediaTypes.replaceAll(new RegExp(PARAMETER, 'gi'), `; fhirVersion=${version}`);
  return options.add === true ? `${mediaTypes}; fhirVersion=${version}` : mediaTypes;
}
