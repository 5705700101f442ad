import type { AdapterRegistration } from './shared/registration.js';
import { cuipo } from './cuipo/index.js';

export type { AdapterRegistration } from './shared/registration.js';

/** The systems that the gateway may read: nothing outside of its folder names one, but its line here. */
export const ADAPTERS: readonly AdapterRegistration[] = [cuipo];
