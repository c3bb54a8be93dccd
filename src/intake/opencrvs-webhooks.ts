import type { DocumentSettings } from '../config/index.js';
import { MediatorError, parseJson } from '../errors/index.js';
import { type Handler, type InboundRequest, jsonReply, type Route } from '../http/index.js';
import {
  parseDelivery,
  readDelivery,
  type SignatureWatch,
  type Subscription,
  verifyWebhookSignature,
} from '../opencrvs/index.js';
import type { Logger } from '../telemetry/index.js';
import type { Accept, Reading } from '../vital-events/index.js';

export interface WebhookDeps {
  readonly accept: Accept;
  readonly log: Logger;
  /** Absent where no subscription is made by us: the intent of any then is refused. */
  readonly subscription: Pick<Subscription, 'confirmIntent'> | undefined;
  /** Told of every signature, so that a secret that was changed in OpenCRVS is noticed. */
  readonly signatures?: SignatureWatch | undefined;
}

export interface WebhookOptions {
  /** Keys of the signature; none refuses every event. */
  readonly secrets: readonly string[];
  readonly maxBodyBytes: number;
  /** What of the documents in a record its event takes; absent: none. */
  readonly documents?: DocumentSettings;
}

/**
 * The doors for OpenCRVS 1.x (reference/opencrvs.md 3): its check of our intent, and its signed events. An event is
 * answered only after it is stored: OpenCRVS takes any HTTP answer as delivered and never sends it again.
 */
export function webhookRoutes(deps: WebhookDeps, options: WebhookOptions): Route[] {
  const verify = ({ body, headers }: InboundRequest): void => {
    try {
      verifyWebhookSignature(body, headers['x-hub-signature'], options.secrets);
    } catch (thrown) {
      // Without a signature it is not OpenCRVS that sent it, and says nothing about its secret.
      if (thrown instanceof MediatorError && thrown.code === 'signature_invalid') deps.signatures?.failed();
      throw thrown;
    }
    deps.signatures?.passed();
  };

  /** OpenCRVS never sends it again, and without OpenHIM in between nobody does: this line is all that is left of it. */
  const reportNotStored = (reading: Reading, transactionId: string | undefined, err: unknown): void => {
    const { registrationNumber, trackingId, kind } = reading.ok ? reading.event : reading;
    const fields = { event: 'intake.not_stored', transactionId, registrationNumber, trackingId, kind, err };
    if (transactionId === undefined) deps.log.error(fields, 'a delivery could not be stored and will not come again');
    else deps.log.warn(fields, 'a delivery could not be stored; OpenHIM sends it again');
  };

  const receive: Handler = async (request: InboundRequest) => {
    if (options.secrets.length === 0) throw new MediatorError('not_configured');
    verify(request);
    const reading = readDelivery(parseDelivery(parseJson(request.body)), options.documents);
    const { transactionId } = request;
    try {
      const { id } = await deps.accept({ reading, raw: request.body.toString('utf8'), transactionId });
      return jsonReply(200, { id });
    } catch (thrown) {
      reportNotStored(reading, transactionId, thrown);
      throw thrown;
    }
  };

  const confirm: Handler = async (request) => {
    if (deps.subscription === undefined) throw new MediatorError('subscription_unknown');
    return jsonReply(200, deps.subscription.confirmIntent(request.query));
  };

  const path = '/opencrvs/webhooks';
  return [
    { methods: ['get'], path, handler: confirm },
    {
      methods: ['post'],
      path,
      handler: receive,
      maxBodyBytes: options.maxBodyBytes,
      contentTypes: ['application/json'],
      // A repeat gives the first answer again, so core may send it as often as it likes.
      rerunnable: true,
      outlivesAnswer: true,
    },
  ];
}
