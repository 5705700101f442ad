import { queryError } from './errors.js';

export interface Token {
  readonly kind: 'name' | 'quoted' | 'text' | 'number' | 'op' | 'end';
  readonly text: string;
}

const NAME = /^:?@?[A-Za-z_][A-Za-z0-9_]*/;
const NUMBER = /^(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?/;
const OPERATORS = [
  '|>',
  '::',
  '<>',
  '!=',
  '<=',
  '>=',
  '==',
  '=',
  '<',
  '>',
  '(',
  ')',
  ',',
  '*',
  '-',
];

function readText(source: string, from: number): { value: string; next: number } {
  let value = '';
  for (let i = from + 1; i < source.length; i++) {
    const ch = source.charAt(i);
    if (ch !== "'") value += ch;
    else if (source.charAt(i + 1) === "'") {
      value += "'";
      i++;
    } else return { value, next: i + 1 };
  }
  throw queryError('query.soql.unterminated-string', 'Unterminated string');
}

export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at, at + 256);
    const ch = rest.charAt(0);
    if (/\s/.test(ch)) {
      at++;
      continue;
    }
    if (ch === "'") {
      const { value, next } = readText(source, at);
      tokens.push({ kind: 'text', text: value });
      at = next;
      continue;
    }
    const quoted = /^`([^`]+)`/.exec(rest);
    // `::` is a cast, `:id` a system column, `:*` the star of system columns.
    const name = rest.startsWith('::') ? null : NAME.exec(rest);
    const number = NUMBER.exec(rest);
    if (quoted) {
      tokens.push({ kind: 'quoted', text: quoted[1] ?? '' });
      at += quoted[0].length;
    } else if (rest.startsWith(':*')) {
      tokens.push({ kind: 'op', text: ':*' });
      at += 2;
    } else if (name) {
      tokens.push({ kind: 'name', text: name[0] });
      at += name[0].length;
    } else if (number) {
      tokens.push({ kind: 'number', text: number[0] });
      at += number[0].length;
    } else {
      const op = OPERATORS.find((o) => rest.startsWith(o));
      if (op === undefined) {
        throw queryError('query.soql.unexpected-character', `Unexpected character: ${ch}`);
      }
      tokens.push({ kind: 'op', text: op });
      at += op.length;
    }
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}
