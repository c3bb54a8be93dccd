import type { RestSettings } from '../../config/index.js';

const DIGITS = 19;

/** Shapes a digest into a key of the form that the system takes. */
export function outwardKey(digest: Uint8Array, form: RestSettings['key']): string {
  const hex = Buffer.from(digest).toString('hex');
  switch (form) {
    case 'hex':
      return hex.slice(0, 32);
    case 'uuid':
      // Version 8 is the one for values made by a rule of one's own (RFC 9562 5.8).
      return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');
    case 'digits':
      return (BigInt(`0x${hex}`) % 10n ** BigInt(DIGITS)).toString().padStart(DIGITS, '0');
  }
}
