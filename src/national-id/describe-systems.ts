import { createNationalIdSystem, type NationalIdSystemDeps } from './create-national-id-system.js';
import type { NationalIdSystemsSettings } from './national-id-systems.js';
import type { Biometrics, Capability, NationalIdSystemName } from './port.js';

/** The most that each system can do; settings, or the file that describes it, leave some of it out. */
export const OFFERED: Readonly<Record<NationalIdSystemName, readonly Capability[]>> = {
  mosip: ['issue', 'deactivate', 'update', 'reactivate', 'callback', 'status', 'verify', 'age-check', 'lookup'],
  osia: ['issue', 'deactivate', 'update', 'reactivate', 'verify', 'age-check', 'lookup', 'match'],
  fhir: ['issue', 'deactivate', 'update', 'reactivate', 'verify', 'age-check', 'lookup', 'match'],
  rest: ['issue', 'deactivate', 'update', 'reactivate', 'callback', 'status', 'verify', 'age-check', 'lookup'],
};

export interface SystemDescription {
  readonly name: NationalIdSystemName;
  /** Whether it can finish events that are sent to it. */
  readonly configured: boolean;
  /** Whether new events go to it. */
  readonly current: boolean;
  /** As it is configured; where it is not, the most that it can do. */
  readonly capabilities: readonly Capability[];
  /** As the settings and its mappings let it; `none` where it is not configured. */
  readonly biometrics: Biometrics;
}

/**
 * Every system that this version knows, and what the settings make of it. Nothing is called.
 *
 * @throws MediatorError `mapping_failed` for a configured system whose mappings are at fault
 */
export async function describeSystems(
  deps: NationalIdSystemDeps,
  settings: NationalIdSystemsSettings | undefined,
): Promise<readonly SystemDescription[]> {
  const configured = settings === undefined ? [] : [settings.nationalId, ...settings.otherNationalIds];
  // The names are those of the table.
  const names = Object.keys(OFFERED) as NationalIdSystemName[];
  return Promise.all(
    names.map(async (name) => {
      const own = configured.find(({ system }) => system === name);
      const current = settings?.nationalId.system === name;
      if (settings === undefined || own === undefined) {
        return { name, configured: false, current, capabilities: OFFERED[name], biometrics: 'none' };
      }
      const { nationalIdMappingsDir: dir, documents } = settings;
      const system = createNationalIdSystem(deps, own, { dir, documents });
      await system.stop();
      const { capabilities, biometrics } = system;
      return { name, configured: true, current, capabilities: [...capabilities], biometrics };
    }),
  );
}
