import { expect, test } from '@jest/globals';
import { toUserInfo, type UserInfoClaims } from '../../../src/national-id/esignet/user-info.js';

test.each<{ name: string; claims: UserInfoClaims; told: object }>([
  { name: 'nothing', claims: {}, told: { name: {}, verificationStatus: 'authenticated', nid: null } },
  { name: 'one word', claims: { name: ' Amina ' }, told: { name: { firstname: 'Amina' } } },
  { name: 'two words', claims: { name: 'Amina Canary' }, told: { name: { firstname: 'Amina', surname: 'Canary' } } },
  {
    name: 'four words',
    claims: { name: 'Amina Zoe  Marie Canary' },
    told: { name: { firstname: 'Amina', middlename: 'Zoe Marie', surname: 'Canary' } },
  },
  {
    name: 'parts beside a whole name',
    claims: { name: 'Other', given_name: 'Amina Zoe', family_name: 'de la Canary' },
    told: { name: { firstname: 'Amina Zoe', surname: 'de la Canary' } },
  },
  { name: 'a date as e-Signet writes it', claims: { birthdate: '1990/05/17' }, told: { birthDate: '1990-05-17' } },
  { name: 'a date as OIDC has it', claims: { birthdate: '1990-05-17' }, told: { birthDate: '1990-05-17' } },
  { name: 'a gender', claims: { gender: 'FEMALE' }, told: { gender: 'female' } },
])('of $name', ({ claims, told }) => {
  expect(JSON.parse(JSON.stringify(toUserInfo(claims)))).toMatchObject(told);
});

test.each(['1990', '0000/00/00', '1990/02/30', 'Amina'])('a date that is none is left out: %s', (birthdate) => {
  expect(toUserInfo({ birthdate }).birthDate).toBeUndefined();
});
