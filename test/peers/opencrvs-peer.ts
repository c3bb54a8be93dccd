import { OpenCrvsAuthPeer } from './opencrvs-auth-peer.js';
import { OpenCrvsCountryConfigPeer } from './opencrvs-country-config-peer.js';
import { OpenCrvsFhirPeer } from './opencrvs-fhir-peer.js';
import { OpenCrvsRecords } from './opencrvs-records.js';
import { OpenCrvsSystem, type OpenCrvsSystemOptions } from './opencrvs-system.js';
import { type DeliverOptions, type DeliveryReport, OpenCrvsWebhooksPeer } from './opencrvs-webhooks-peer.js';

/** An OpenCRVS of the 1.x line, each service a server of its own. */
export class OpenCrvsPeer {
  readonly system: OpenCrvsSystem;
  readonly records = new OpenCrvsRecords();
  readonly auth: OpenCrvsAuthPeer;
  readonly webhooks: OpenCrvsWebhooksPeer;
  readonly countryConfig: OpenCrvsCountryConfigPeer;
  readonly fhir: OpenCrvsFhirPeer;

  constructor(options: OpenCrvsSystemOptions = {}) {
    this.system = new OpenCrvsSystem(options);
    this.auth = new OpenCrvsAuthPeer(this.system);
    this.webhooks = new OpenCrvsWebhooksPeer(this.system);
    this.countryConfig = new OpenCrvsCountryConfigPeer(this.system, this.records);
    this.fhir = new OpenCrvsFhirPeer(this.system, this.records);
  }

  async start(): Promise<this> {
    await Promise.all(this.#services.map((service) => service.start()));
    return this;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.stop()));
  }

  /** Registers the record of a webhook body and tells every subscriber of its topic. */
  deliver(webhookBody: unknown, options?: DeliverOptions): Promise<readonly DeliveryReport[]> {
    this.records.load(webhookBody);
    return this.webhooks.deliver(webhookBody, options);
  }

  /** The settings with which a mediator works with this OpenCRVS; the way back is added by the caller. */
  environment(callbackUrl: string): Readonly<Record<string, string>> {
    const { tokenMode, clientId, clientSecret, shaSecret } = this.system;
    return {
      OPENCRVS_AUTH_URL: this.auth.url,
      OPENCRVS_TOKEN_MODE: tokenMode,
      OPENCRVS_CLIENT_ID: clientId,
      OPENCRVS_CLIENT_SECRET: clientSecret,
      OPENCRVS_SHA_SECRET: shaSecret,
      OPENCRVS_WEBHOOKS_URL: this.webhooks.url,
      OPENCRVS_CALLBACK_URL: callbackUrl,
      OPENCRVS_WRITE_BACK_URL: this.countryConfig.url,
      OPENCRVS_FHIR_URL: this.fhir.baseUrl,
    };
  }

  get #services() {
    return [this.auth, this.webhooks, this.countryConfig, this.fhir];
  }
}
