import type { CredentialsCheck } from '../../openhim/index.js';
import { type OutboundClient, serviceUrl } from '../../outbound/index.js';
import { UsageError } from '../command.js';
import type { PasswordFolder } from './password-folder.js';

/** Under which names the credentials of our guarded routes are kept: those of their settings. */
export const INBOUND = 'INBOUND_PASSWORD';
export const PREVIOUS = 'INBOUND_PASSWORD_PREVIOUS';

export interface Inbound {
  readonly username: string;
  readonly password: string;
}

export interface InboundOptions {
  readonly username: string;
  /** The password that the service has by its environment, where it has one. */
  readonly given: string | undefined;
  readonly rotates: boolean;
  readonly dryRun: boolean;
}

/**
 * The credentials that the channels are to present: those kept, those of the service, or new ones. A rotation keeps the old password as the
 * previous one, which the mediator takes as well.
 *
 * @throws UsageError when an earlier rotation has not been ended: its routes may hold the previous password still
 */
export function inboundOf(
  folder: PasswordFolder,
  { username, given, rotates, dryRun }: InboundOptions,
): Inbound | undefined {
  const kept = folder.known(INBOUND);
  const known = kept ?? given;
  if (rotates && known === undefined) throw new UsageError('There is no inbound password in --out to be replaced.');
  if (rotates && folder.known(PREVIOUS) !== undefined) {
    throw new UsageError(
      `An earlier rotation has not been ended: run this without --rotate-inbound, then remove ${PREVIOUS} from --out.`,
    );
  }
  // Without a password a dry run has nothing to compare with: the routes are shown without it.
  if (dryRun) return known === undefined || rotates ? undefined : { username, password: known };
  if (rotates && known !== undefined) folder.keep(PREVIOUS, known);
  if (rotates || known === undefined) return { username, password: folder.renew(INBOUND) };
  if (kept === undefined) folder.keep(INBOUND, known);
  return { username, password: known };
}

/**
 * Asks the mediator whether it takes the credentials, once and only if somebody wants to know. One that does not answer
 * may be out of our reach: then a rotation waits, because the old password still works, and anything else goes on.
 */
export function checkAtMediator(
  { outbound }: { readonly outbound: OutboundClient },
  mediatorUrl: string,
  inbound: Inbound,
  { rotates }: Pick<InboundOptions, 'rotates'>,
): CredentialsCheck {
  const ask = async (): ReturnType<CredentialsCheck> => {
    const credentials = Buffer.from(`${inbound.username}:${inbound.password}`).toString('base64');
    try {
      const { status } = await outbound.send({
        peer: 'openhim',
        operation: 'check-inbound',
        method: 'GET',
        url: serviceUrl(mediatorUrl, '/fhir/metadata'),
        headers: { authorization: `Basic ${credentials}` },
      });
      return status === 401 ? 'keep' : 'replace';
    } catch {
      // Out of reach: there is nothing to tell but what follows from it.
      return rotates ? 'keep' : 'replace';
    }
  };
  let asked: ReturnType<CredentialsCheck> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
}
