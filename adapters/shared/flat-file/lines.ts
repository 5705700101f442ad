import { createReadStream } from 'node:fs';
import iconv from 'iconv-lite';
import { CHUNK_BYTES } from './text-form.js';
import type { Encoding } from './text-form.js';

/** The lines that end in one chunk of the file; the first of them has this number, from 1. A line may end in `\r`. */
export interface Lines {
  readonly desde: number;
  readonly textos: readonly string[];
}

/**
 * Lines of a format without quoting, where a line is a record: nothing to parse, and a national drop of a million lines
 * takes seconds instead of minutes. The length of lines was checked by `inspectText`.
 */
export async function* readLines(
  file: string,
  options: { readonly encoding: Encoding; readonly signal: AbortSignal },
): AsyncGenerator<Lines> {
  const decoder = options.encoding === 'utf8' ? iconv.getDecoder('utf8') : WINDOWS_1252;
  let desde = 1;
  let open = '';
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
    options.signal.throwIfAborted();
    const textos = (open + decoder.write(chunk as Buffer)).split('\n');
    if (desde === 1) textos[0] = textos[0]?.replace(/^\ufeff/, '') ?? '';
    open = textos.pop() ?? '';
    yield { desde, textos };
    desde += textos.length;
  }
  options.signal.throwIfAborted();
  yield { desde, textos: [open + (decoder.end() ?? '')] };
}

/** The tab separated fields of a line, from a position on. */
export const fieldsOf = (texto: string, from = 0): string[] =>
  texto.slice(from, texto.endsWith('\r') ? -1 : texto.length).split('\t');

/** Windows-1252 is Latin-1 but for 0x80 to 0x9f, and Latin-1 takes one byte per character in memory as it does in the file. */
const BEYOND_LATIN_1 = /[\x80-\x9f]/;

const WINDOWS_1252 = {
  write: (chunk: Buffer): string => {
    const text = chunk.toString('latin1');
    return BEYOND_LATIN_1.test(text) ? iconv.decode(chunk, 'win1252') : text;
  },
  end: () => '',
};
