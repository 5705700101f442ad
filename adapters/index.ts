import type { AdapterRegistration } from './shared/registration.js';
import { cuipo } from './cuipo/index.js';
import { erp } from './erp/index.js';
import { mdm, mipg } from './mipg/index.js';
import { futCierre } from './fut-cierre/index.js';
import { fut } from './fut/index.js';
import { piip } from './piip/index.js';
import { secop } from './secop/index.js';
import { sigep } from './sigep/index.js';
import { sicodis } from './sicodis/index.js';
import { siif } from './siif/index.js';
import { unico } from './unico/index.js';

export type { AdapterRegistration } from './shared/registration.js';
export type { SettingDeclaration, SettingValues } from './shared/settings.js';
export type { AdapterTools, RegistrationTools, SourceObserver } from './shared/tools.js';
export { listOrder } from './shared/emulation.js';
export { isRecordStore } from './shared/record-store.js';
export { Stop, stoppableOf } from './shared/stop.js';
export type { Ending, Stoppable } from './shared/stop.js';
export { RowError } from './shared/sql/columns.js';
export { copyBytes, copyText, encodeCopyRow } from './shared/sql/copy-text.js';
export { createAcopio } from './shared/acopio/create-acopio.js';
export type { Acopio, PartState } from './shared/acopio/acopio.js';

/** The systems that the gateway may read: nothing outside of its folder names one, but its line here. */
export const ADAPTERS: readonly AdapterRegistration[] = [
  cuipo,
  fut,
  futCierre,
  sigep,
  piip,
  secop,
  erp,
  sicodis,
  siif,
  mipg,
  mdm,
  unico,
];
