import type { WriteBack } from './port.js';

/** For a deployment in which OpenCRVS is told nothing. */
export const noWriteBack: WriteBack = {
  kind: 'none',
  deliver: async () => ({ result: 'not-offered', note: 'OPENCRVS_WRITE_BACK is none: OpenCRVS is not told.' }),
};
