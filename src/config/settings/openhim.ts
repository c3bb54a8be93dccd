import { flag, secret, text, url, whole } from './definition.js';

export const openhim = {
  OPENHIM_REGISTER: flag(true, 'Registers with OpenHIM core and sends heartbeats.'),
  OPENHIM_API_URL: url('Address of the OpenHIM core API, e.g. `https://openhim-core:8080`.', {
    aliases: ['OPENHIM_URL'],
  }),
  OPENHIM_USERNAME: text('OpenHIM user that may manage mediators: in core 8.5.0, one of the group `admin`.'),
  OPENHIM_PASSWORD: secret('Password of that user.'),
  OPENHIM_TRUST_SELF_SIGNED: flag(false, 'Accepts any certificate of the core API. Unsafe: prefer `OPENHIM_CA_FILE`.', {
    aliases: ['TRUST_SELF_SIGNED'],
  }),
  OPENHIM_CA_FILE: text(
    'PEM file with the authority that signed the certificate of the core API. The certificate that core brings along names `localhost` alone.',
  ),
  OPENHIM_HEARTBEAT_MS: whole(
    { min: 100, max: 60_000 },
    10_000,
    'Milliseconds between heartbeats; core calls a mediator dead after 60 s.',
  ),
  OPENHIM_CONSOLE_SETTINGS: flag(
    true,
    'Lets the OpenHIM console change the settings that it shows; see `docs/console-settings.md`.',
  ),
  OPENHIM_REPORT_OUTCOME: flag(
    false,
    'Ends the transaction of an event when its work ends, with the steps that led there. Until then it is `Pending Async`.',
  ),
  MEDIATOR_URL: url(
    'Address at which OpenHIM core reaches this service, without a path. Default: host and port of `mediator.json`.',
  ),
  OUTBOUND_ALLOWED_HOSTS: text(
    'Hosts to which an address from the OpenHIM console may lead: names or `name:port`, separated by commas. Default: the hosts of the addresses set in the environment or `CONFIG_FILE`.',
  ),
  OPENHIM_LOG_BODIES: flag(false, 'Puts full bodies, and so personal data, into OpenHIM orchestrations.'),
};
