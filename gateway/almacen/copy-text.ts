import type { CopyValue } from './port.js';

const SPECIAL = /[\\\n\r\t]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function encodeValue(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value !== 'string') return String(value);
  // PostgreSQL text cannot hold a NUL byte; old mainframe dumps do.
  const clean = value.includes('\u0000') ? value.replace(/\u0000/g, '') : value;
  return clean.replace(SPECIAL, (char) => ESCAPES[char] ?? char);
}

/** One row in the text format of COPY: the same bytes for both engines. */
export function encodeCopyRow(row: readonly CopyValue[]): string {
  let line = '';
  for (let i = 0; i < row.length; i++) {
    line += (i === 0 ? '' : '\t') + encodeValue(row[i] ?? null);
  }
  return `${line}\n`;
}
