import * as xlsx from '@e965/xlsx';

/** Parts of the spreadsheet library that its own declarations leave untyped. */
interface Entry {
  content: Uint8Array;
  size: number;
}

interface Containers {
  read(bytes: Buffer, options: { type: 'buffer' }): object;
  find(container: object, name: string): Entry | null;
  write(container: object, options: { type: 'buffer'; fileType: 'zip' | 'cfb' }): Buffer;
}

interface DateParts {
  readonly y: number;
  readonly m: number;
  readonly d: number;
  readonly H: number;
  readonly M: number;
  readonly S: number;
}

interface NumberFormats {
  is_date(format: string): boolean;
  parse_date_code(value: number, options: { date1904: boolean }): DateParts;
}

export const containers = xlsx.CFB as Containers;
export const numberFormats = xlsx.SSF as NumberFormats;
