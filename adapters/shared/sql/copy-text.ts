/** The text format of COPY: the same bytes for both engines. */
import type { CopyValue } from './store.js';

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

export const COPY_NULL = '\\N';

/** A text value. */
export const copyText = (text: string): string =>
  SPECIAL.test(text) ? text.replace(SPECIALS, (char) => ESCAPES[char] ?? char) : text;

/** A value of type bytea, given in hex. */
export const copyBytes = (hex: string): string => `\\\\x${hex}`;

function encodeValue(value: CopyValue): string {
  if (value === null) return COPY_NULL;
  return typeof value === 'string' ? copyText(value) : String(value);
}

/** One row of whatever values. Who knows the types of its columns writes the line by hand, in half the time. */
export const encodeCopyRow = (row: readonly CopyValue[]): string => row.map(encodeValue).join('\t');
