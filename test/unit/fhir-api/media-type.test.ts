import { expect, test } from '@jest/globals';
import { isFhirXml, isJson } from '../../../src/fhir-api/media-type.js';

test.each([
  ['application/fhir+json', true],
  ['application/fhir+json; charset=utf-8; fhirVersion=4.0', true],
  ['Application/JSON', true],
  ['application/json+fhir', true],
  ['text/json', true],
  ['application/fhir+xml', false],
  ['application/jsonp', false],
  ['text/html', false],
  ['', false],
])('%p is JSON: %p', (type, is) => {
  expect(isJson(type)).toBe(is);
});

test.each([
  ['application/fhir+xml', true],
  ['application/xml+fhir; charset=utf-8', true],
  ['application/xml', false],
])('%p is FHIR XML: %p', (type, is) => {
  expect(isFhirXml(type)).toBe(is);
});
