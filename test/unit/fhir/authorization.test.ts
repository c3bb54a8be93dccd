import { expect, test } from '@jest/globals';
import { fhirAuthorization } from '../../../src/national-id/fhir/authorization.js';

test('each kind of authentication has its header', () => {
  expect(fhirAuthorization({ kind: 'none' })).toEqual({});
  expect(fhirAuthorization({ kind: 'basic', username: 'médiateur', password: 'a:b' })).toEqual({
    authorization: `Basic ${Buffer.from('médiateur:a:b').toString('base64')}`,
  });
  expect(fhirAuthorization({ kind: 'bearer', token: 't' })).toEqual({ authorization: 'Bearer t' });
});
