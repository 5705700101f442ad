import { parse } from 'lossless-json';

/** JSON whose number literals stay the text that the source wrote: 63664515.48 and 2^53 + 1 lose nothing. */
export type JsonExact =
  string | boolean | null | readonly JsonExact[] | { readonly [name: string]: JsonExact };

const keepLiteral = (literal: string): string => literal;

export const parseJsonExact = (text: string): JsonExact =>
  parse(text, null, { parseNumber: keepLiteral }) as JsonExact;
