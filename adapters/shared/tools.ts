import type { SourceErrorCode } from '../errors.js';
import type { SourceContext } from '../contract.js';
import type { Acopio } from './acopio/acopio.js';
import type { SqlStore } from './sql/store.js';

/** What the gateway hands to every adapter. Adapters own no clock, no metrics and no store of their own. */
export interface AdapterTools {
  readonly now: () => number;
  readonly observer: SourceObserver;
  readonly acopio: Acopio;
}

/** What a registration gets: the single store stands on the store itself, the systems that it replaces never do. */
export interface RegistrationTools extends AdapterTools {
  readonly store: SqlStore;
}

/** One HTTP request or one opening of a drop file is a call; the gateway turns these into metrics. */
export interface SourceObserver {
  call(sistema: string, origen: SourceContext['origen'], seconds: number): void;
  error(sistema: string, code: SourceErrorCode): void;
}
