import type { RestHandler } from './soda/server.js';
import type { SodaDataset } from './soda/dataset.js';
import type { World } from './seed.js';

/** One legacy system of the sandbox: what it serves by SODA, by other routes, and as files. */
export interface SandboxSystem {
  readonly sistema: string;
  soda?(world: World): readonly SodaDataset[];
  rest?(world: World): RestHandler;
  /** Real exports (names in exports/) that lie in the system's drop as published. */
  readonly exports?: readonly string[];
  /** Writes the generated files of the drop; called after the servers are ready. */
  writeDrop?(dir: string, world: World, signal: AbortSignal): Promise<void>;
}
