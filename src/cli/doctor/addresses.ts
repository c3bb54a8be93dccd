import type { NationalIdSettings, Settings } from '../../config/index.js';
import type { ClientCertificate, Peer, PeerTrust } from '../../outbound/index.js';

/** A place where somebody listens, and the settings that lead there. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
  readonly scheme: 'http' | 'https' | 'postgres';
  readonly settings: readonly string[];
  readonly peer: Peer | undefined;
  /** Undefined: the authorities of the system. */
  readonly trust: PeerTrust | undefined;
  /** What it gets where it asks for a certificate of ours. */
  readonly clientCertificate: ClientCertificate | undefined;
}

interface Named {
  readonly setting: string;
  readonly url: string | undefined;
  readonly peer: Peer;
}

const named = (setting: string, url: string | undefined, peer: Peer): Named => ({ setting, url, peer });

function ofNationalId(one: NationalIdSettings, given: (name: string, otherwise: string) => string): readonly Named[] {
  switch (one.system) {
    case 'mosip': {
      const { authUrl, packetManagerUrl, workflowUrl, statusUrl, hubUrl, dataShareUrl } = one.mosip;
      const { identityAuthentication, identityRepository } = one.mosip;
      const base = 'MOSIP_BASE_URL';
      return [
        named(given('MOSIP_AUTH_URL', base), authUrl, 'mosip-auth'),
        named(given('MOSIP_PACKET_MANAGER_URL', base), packetManagerUrl, 'mosip'),
        named(given('MOSIP_WORKFLOW_URL', base), workflowUrl, 'mosip'),
        named(given('MOSIP_STATUS_URL', base), statusUrl, 'mosip'),
        named(given('MOSIP_WEBSUB_HUB_URL', base), hubUrl, 'mosip-websub'),
        named(given('MOSIP_IDA_URL', base), identityAuthentication?.url, 'mosip-ida'),
        named(given('MOSIP_ID_REPOSITORY_URL', base), identityRepository?.url, 'mosip'),
        named(given('MOSIP_DATA_SHARE_URL', base), dataShareUrl, 'mosip'),
      ];
    }
    case 'osia': {
      const { addresses, client, notifyAs, subscription } = one.osia;
      const base = 'OSIA_BASE_URL';
      return [
        named('OSIA_TOKEN_URL', client.tokenUrl, 'osia-auth'),
        named(base, addresses.registry, 'osia'),
        named(given('OSIA_UIN_URL', base), addresses.uin, 'osia-uin'),
        named(given('OSIA_DATA_ACCESS_URL', base), addresses['data-access'], 'osia'),
        named(
          given('OSIA_NOTIFICATION_URL', base),
          (notifyAs ?? subscription) === undefined ? undefined : addresses.notification,
          'osia-notification',
        ),
      ];
    }
    case 'fhir': {
      const { auth, baseUrl } = one.fhir;
      const tokenUrl = auth.kind === 'client-credentials' ? auth.tokenUrl : undefined;
      return [named('FHIR_BASE_URL', baseUrl, 'fhir'), named('FHIR_TOKEN_URL', tokenUrl, 'fhir-auth')];
    }
    case 'rest': {
      const { auth, baseUrl } = one.rest;
      const tokenUrl = auth.kind === 'client-credentials' && URL.canParse(auth.tokenUrl) ? auth.tokenUrl : undefined;
      return [
        named(given('REST_BASE_URL', 'REST_CONFIG_FILE'), baseUrl, 'rest'),
        named('REST_CONFIG_FILE', tokenUrl, 'rest-auth'),
      ];
    }
  }
}

function ofOpenCrvs({ opencrvs }: Settings, given: (name: string, otherwise: string) => string): readonly Named[] {
  const { client, tokens, subscription, writeBack, readMore, recordSearch, notifications } = opencrvs;
  const auth = given('OPENCRVS_AUTH_URL', 'OPENCRVS_GATEWAY_URL');
  const wayBack = {
    none: '',
    countryconfig: 'OPENCRVS_WRITE_BACK_URL',
    'openhim-fhir': 'OPENCRVS_FHIR_URL',
    'gateway-graphql': 'OPENCRVS_GATEWAY_URL',
    events: 'OPENCRVS_GATEWAY_URL',
  }[writeBack.kind];
  return [
    named(auth, client?.authUrl, 'opencrvs-auth'),
    named(auth, tokens?.authUrl, 'opencrvs-auth'),
    named('OPENCRVS_WEBHOOKS_URL', subscription?.webhooksUrl, 'opencrvs-webhooks'),
    named(wayBack, writeBack.kind === 'none' ? undefined : writeBack.url, 'opencrvs-write-back'),
    named(
      readMore.source.kind === 'events' ? 'OPENCRVS_GATEWAY_URL' : 'OPENCRVS_FHIR_URL',
      'url' in readMore.source ? readMore.source.url : undefined,
      'opencrvs-fhir',
    ),
    named('OPENCRVS_GATEWAY_URL', recordSearch?.gatewayUrl, 'opencrvs-gateway'),
    named('OPENCRVS_LOCATIONS_URL', readMore.locationsUrl, 'opencrvs-gateway'),
    named('OPENCRVS_NOTIFICATION_URL', notifications?.url, 'opencrvs-gateway'),
    named('OPENCRVS_FHIR_URL', notifications?.fhirUrl, 'opencrvs-fhir'),
  ];
}

const DEFAULT_PORTS: Readonly<Record<PeerAddress['scheme'], number>> = { http: 80, https: 443, postgres: 5432 };

function placeOf(url: string): Pick<PeerAddress, 'host' | 'port' | 'scheme'> {
  const { hostname, port, protocol } = new URL(url);
  const scheme = protocol === 'http:' || protocol === 'https:' ? protocol.slice(0, -1) : 'postgres';
  // One of the three by the line above.
  const known = scheme as PeerAddress['scheme'];
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || DEFAULT_PORTS[known], scheme: known };
}

/** Every place that the settings lead to, each once, with all settings that do. */
export function peerAddresses(settings: Settings): readonly PeerAddress[] {
  const { openhim, store, esignet, clientCertificate } = settings;
  const given = (name: string, otherwise: string): string =>
    (settings.sources[name] ?? 'default') === 'default' ? otherwise : name;
  const ofNationalIds = [settings.nationalId, ...settings.otherNationalIds].flatMap((one) => ofNationalId(one, given));
  const others = [
    ...ofOpenCrvs(settings, given),
    named('ESIGNET_TOKEN_URL', esignet?.tokenUrl, 'esignet'),
    named('ESIGNET_USERINFO_URL', esignet?.userInfoUrl, 'esignet'),
    named('ESIGNET_JWKS_URL', esignet?.keySetUrl, 'esignet'),
  ];
  const bare = { trust: undefined, clientCertificate: undefined };
  const places = new Map<string, PeerAddress>();
  const add = (
    setting: string,
    url: string | undefined,
    more: Pick<PeerAddress, 'peer' | 'trust' | 'clientCertificate'>,
  ): void => {
    if (url === undefined) return;
    const place = placeOf(url);
    const key = `${place.scheme} ${place.host} ${place.port}`;
    const known = places.get(key) ?? { ...place, ...more, settings: [] };
    places.set(key, { ...known, settings: [...new Set([...known.settings, setting])] });
  };
  if (store.kind === 'postgres') add('DATABASE_URL', store.url, { ...bare, peer: undefined });
  add('OPENHIM_API_URL', openhim?.apiUrl, { ...bare, peer: 'openhim', trust: openhim });
  for (const { setting, url, peer } of ofNationalIds) add(setting, url, { ...bare, peer, clientCertificate });
  for (const { setting, url, peer } of others) add(setting, url, { ...bare, peer });
  return [...places.values()];
}
