/** A value with a language, as MOSIP's packet wants it: JSON inside a text. */
export const inEnglish = (value: string): string => JSON.stringify([{ language: 'eng', value }]);

/** What the client of opencrvs/mosip posts about a birth (reference/mosip.md 1.1 step 0, section 4). */
export function birthRequest(registrationNumber: string) {
  return {
    trackingId: 'QX7T4N',
    notification: {
      recipientFullName: 'Chipo Phiri',
      recipientEmail: 'chipo@example.org',
      recipientPhone: '+260971550142',
    },
    requestFields: {
      birthCertificateNumber: registrationNumber,
      fullName: inEnglish("Thandiwe N'Guessan"),
      dateOfBirth: '2024/01/28',
      gender: inEnglish('Female'),
      guardianOrParentName: inEnglish('Chipo Phiri'),
      addressLine1: inEnglish('17B Jacaranda Road'),
      village: inEnglish('Kasenga'),
      city: inEnglish('Lobozi'),
      postalCode: '20104',
      nationalIdNumber: '',
      selectedHandles: '["birthCertificateNumber"]',
    },
    metaInfo: { registrationId: 'x' },
    audit: { eventId: 'REG-1' },
  };
}

/** The same about a death. */
export function deathRequest(registrationNumber: string, nationalId: string) {
  return {
    trackingId: 'DKM3W9',
    notification: { recipientFullName: 'Josephat Banda', recipientEmail: '', recipientPhone: '' },
    requestFields: {
      deathCertificateNumber: registrationNumber,
      nationalIdNumber: nationalId,
      deathDeclared: 'yes',
      dateOfDeath: '2024/03/02',
    },
    metaInfo: {},
    audit: {},
  };
}
