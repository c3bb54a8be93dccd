import type { NationalIdSystem } from './port.js';

export const NOT_SUPPORTED = { result: 'not-supported' } as const;

const answer = async (): Promise<typeof NOT_SUPPORTED> => NOT_SUPPORTED;

type Operation =
  | 'issue'
  | 'deactivate'
  | 'update'
  | 'reactivate'
  | 'status'
  | 'verify'
  | 'checkAge'
  | 'lookup'
  | 'match';

/** Every operation of a system that has none of them: an adapter starts from these and puts its own in their place. */
export const nothingSupported: Pick<NationalIdSystem, Operation | 'biometrics'> = {
  biometrics: 'none',
  issue: answer,
  deactivate: answer,
  update: answer,
  reactivate: answer,
  status: answer,
  verify: answer,
  checkAge: answer,
  lookup: answer,
  match: answer,
};
