import type { CopyValue } from './port.js';

/** What the text format of COPY escapes. PostgreSQL text cannot hold a NUL byte; old mainframe dumps do. */
const SPECIAL = /[\\\n\r\t\u0000]/;
const SPECIALS = /[\\\n\r\t\u0000]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u0000': '',
};

function encodeValue(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value !== 'string') return String(value);
  return SPECIAL.test(value) ? value.replace(SPECIALS, (char) => ESCAPES[char] ?? char) : value;
}

/** One row in the text format of COPY: the same bytes for both engines. */
export const encodeCopyRow = (row: readonly CopyValue[]): string => row.map(encodeValue).join('\t');
