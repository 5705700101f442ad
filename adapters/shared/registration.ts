import type { Registro } from '../../schema/registro.js';
import type { Adapter } from '../contract.js';
import type { SettingDeclaration, SettingValues } from './settings.js';
import type { RegistrationTools } from './tools.js';

/** How a system introduces itself to the gateway: what it answers, what it must be told, how it is made. */
export interface AdapterRegistration {
  /** Id in the catalog of systems, or `unico`. */
  readonly id: string;
  readonly settings: readonly SettingDeclaration[];
  readonly registros: readonly Registro[];
  /** Holds the registros of all systems, and answers for one only where a route says so. */
  readonly isRecordStore?: boolean;
  readonly create: (values: SettingValues, tools: RegistrationTools) => Adapter;
}
