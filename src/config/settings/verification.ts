import { secret, text, textOr, url } from './definition.js';

/** MOSIP's identity authentication (IDA). */
export const identityAuthentication = {
  MOSIP_IDA_URL: url('Identity authentication, where it differs from `MOSIP_BASE_URL`.'),
  MOSIP_MISP_LICENCE_KEY: secret('Licence key of the MISP, for identity authentication.'),
  MOSIP_PARTNER_API_KEY: secret('API key of `MOSIP_PARTNER_ID`, for identity authentication.'),
  MOSIP_IDA_CERT_FILE: text('PEM certificate of identity authentication, for which claims are sealed.'),
  MOSIP_SIGNING_KEY_FILE: text(
    'Private key (RSA) that signs requests to identity authentication: PEM or PKCS#12, with or without its certificate.',
  ),
  MOSIP_SIGNING_KEY_PASSWORD: secret('Password of that file, where it has one.'),
  MOSIP_SIGNING_CERT_FILE: text(
    'PEM certificate of that key, as registered at MOSIP, where the file of the key does not hold it.',
  ),
  MOSIP_IDA_DOMAIN_URI: url('Address by which MOSIP knows itself in these requests. Default: that of `MOSIP_IDA_URL`.'),
  MOSIP_IDA_ENV: textOr('Staging', "MOSIP's name of the environment in these requests."),
  MOSIP_IDA_LANGUAGE: textOr('eng', 'Language of the names in these requests, in three letters.'),
};

export const esignet = {
  ESIGNET_TOKEN_URL: url(
    'Token endpoint of e-Signet; with all four of these, people can be told by their log-in there.',
  ),
  ESIGNET_USERINFO_URL: url('User info endpoint of e-Signet.'),
  ESIGNET_JWKS_URL: url('Key set of e-Signet, by which its user info is checked.'),
  ESIGNET_CLIENT_KEY_FILE: text(
    'Private key (RSA) of our client at e-Signet: PEM, or a JWK, which may be in base64 as `opencrvs/mosip` has it.',
  ),
};
