import type { MosipSettings, Settings } from '../../config/index.js';
import { logInProbes, nationalIdProbes, type Probe, type ProbeDeps } from '../../national-id/index.js';
import { judgeOwnCertificate } from './certificate.js';
import { type CheckName, ok, type Question, skipped } from './finding.js';

const asQuestion =
  (check: CheckName) =>
  ({ about, next, run }: Probe): Question => ({ check, about, next, ask: async (signal) => ok(await run(signal)) });

/** Identity authentication cannot be tried without a person: the certificates can be looked at. */
function authenticationQuestions(
  { clock }: ProbeDeps,
  { identityAuthentication: ida }: MosipSettings,
): readonly Question[] {
  const check = 'mosip';
  if (ida === undefined) {
    const found = skipped('Not configured: `/verify` answers 501.');
    return [{ check, about: 'identity authentication', next: '', ask: async () => found }];
  }
  const files = [
    { about: 'MOSIP_IDA_CERT_FILE', pem: ida.certificate, next: 'Get the present certificate of IDA from MOSIP.' },
    { about: 'MOSIP_SIGNING_CERT_FILE', pem: ida.signingCertificate, next: 'Have our certificate renewed by MOSIP.' },
  ];
  return files.map(({ about, pem, next }) => ({
    check,
    about,
    next,
    ask: async () => judgeOwnCertificate(pem, clock.now(), next),
  }));
}

/** Every national ID system that is configured. */
export function nationalIdQuestions(
  deps: ProbeDeps,
  { nationalId, otherNationalIds }: Pick<Settings, 'nationalId' | 'otherNationalIds'>,
): readonly Question[] {
  return [nationalId, ...otherNationalIds].flatMap((one) => [
    ...nationalIdProbes(deps, one).map(asQuestion(one.system)),
    ...(one.system === 'mosip' ? authenticationQuestions(deps, one.mosip) : []),
  ]);
}

/** e-Signet. */
export function logInQuestions(deps: ProbeDeps, { esignet }: Pick<Settings, 'esignet'>): readonly Question[] {
  return esignet === undefined ? [] : logInProbes(deps, esignet).map(asQuestion('esignet'));
}
