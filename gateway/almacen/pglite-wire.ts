import type { SqlParam } from './port.js';

/** What the main thread and the PGlite worker say to each other; one question at a time. */
export type WorkerRequest =
  | { readonly op: 'query'; readonly text: string; readonly params: readonly SqlParam[] }
  | { readonly op: 'copy'; readonly into: string; readonly block: Uint8Array<ArrayBuffer> }
  | { readonly op: 'close' };

export type WorkerAnswer =
  | { readonly ok: true; readonly rows: object[] }
  | { readonly ok: false; readonly message: string; readonly code: string | undefined };
