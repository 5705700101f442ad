import type { DropErrorCode } from '../drop-error.js';

/** What the reader asks of its worker thread. */
export interface WorkbookJob {
  readonly file: string;
  readonly maxInflatedBytes: number;
  readonly maxCells: number;
  readonly maxRows: number | null;
}

/** What the worker thread answers, in this order: sheet, rows…, sheet, rows…, end. Or an error at any point. */
export type WorkbookMessage =
  | { readonly kind: 'sheet'; readonly name: string }
  | { readonly kind: 'rows'; readonly rows: readonly string[][] }
  | { readonly kind: 'end' }
  | {
      readonly kind: 'error';
      readonly codigo: DropErrorCode;
      readonly motivo: string;
      readonly detail: string;
    };
