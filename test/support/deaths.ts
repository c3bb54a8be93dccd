import { fixture } from './fixtures.js';

/** The death of the fixture as another registration, of the holder of this national ID. */
export function deathNumber(serial: number, nationalId: string): { registrationNumber: string; body: unknown } {
  const digits = String(serial).padStart(6, '0');
  const trackingId = `D${digits}`;
  const text = JSON.stringify(fixture('opencrvs/death-registered.webhook.json'))
    .replaceAll('4e201479-2a50-4553-84b8-9e3c238b7361', `4e201479-2a50-4553-84b8-000000${digits}`)
    .replaceAll('2024DKM3W9C', `2024${trackingId}`)
    .replaceAll('DKM3W9C', trackingId)
    // Another number would be that of one person in all records.
    .replaceAll('830114562', `83${digits}1`)
    .replaceAll('1120457786', nationalId);
  return { registrationNumber: `2024${trackingId}`, body: JSON.parse(text) };
}
