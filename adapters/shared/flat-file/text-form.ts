import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { DropError } from '../drop-error.js';

export type Encoding = 'win1252' | 'utf8';

/** What one pass over the bytes of a text file says before anything is parsed. */
export interface TextForm {
  readonly encoding: Encoding;
  readonly bom: boolean;
  /** Line that no line end closes, which a cut copy leaves behind; null where the file ends well. */
  readonly openLine: number | null;
}

/** Large enough that the parsing of a chunk, not the reading of it, takes the time. */
export const CHUNK_BYTES = 256 * 1024;

const LINE_END = 0x0a;
const UTF8_BOM = Buffer.from('efbbbf', 'hex');
const UTF16_BOMS = [Buffer.from('fffe', 'hex'), Buffer.from('feff', 'hex')];

const badEncoding = (motivo: string, linea: number): DropError =>
  new DropError('CODIFICACION_INVALIDA', motivo, linea);

/** Bytes at the end that begin a UTF-8 character whose rest comes with the next chunk. */
const unfinishedTail = (bytes: Buffer): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
};

const countLineEnds = (bytes: Buffer): number => {
  let count = 0;
  for (let at = bytes.indexOf(LINE_END); at !== -1; at = bytes.indexOf(LINE_END, at + 1)) count++;
  return count;
};

/** Index of the first line of these bytes that is not UTF-8. */
const firstInvalidLine = (bytes: Buffer): number => {
  let start = 0;
  for (let line = 0; ; line++) {
    const end = bytes.indexOf(LINE_END, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
};

/** Follows the bytes chunk by chunk: line numbers, line length, NUL bytes and whether they are UTF-8. */
class Inspection {
  #line = 1;
  #lineBytes = 0;
  #carry: Buffer = Buffer.alloc(0);
  #carryLine = 1;
  #last = LINE_END;
  readonly #maxLineBytes: number;
  size = 0;
  bom = false;
  invalidLine: number | null = null;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  get openLine(): number | null {
    return this.#last === LINE_END ? null : this.#line;
  }

  add(chunk: Buffer): void {
    if (this.size === 0) this.#checkStart(chunk);
    this.size += chunk.length;
    this.#last = chunk.at(-1) ?? this.#last;
    const nul = chunk.indexOf(0);
    if (nul !== -1) {
      const line = this.#line + countLineEnds(chunk.subarray(0, nul));
      throw badEncoding('El archivo contiene bytes nulos: no es texto o se copió a medias.', line);
    }
    this.#checkUtf8(chunk);
    this.#checkLines(chunk);
  }

  end(): void {
    if (this.#carry.length > 0) this.invalidLine ??= this.#carryLine;
  }

  #checkStart(chunk: Buffer): void {
    this.bom = chunk.subarray(0, 3).equals(UTF8_BOM);
    if (UTF16_BOMS.some((mark) => chunk.subarray(0, 2).equals(mark))) {
      throw badEncoding('El archivo está en UTF-16; se espera Windows-1252 o UTF-8.', 1);
    }
  }

  #checkUtf8(chunk: Buffer): void {
    if (this.invalidLine !== null) return;
    const startLine = this.#carry.length > 0 ? this.#carryLine : this.#line;
    const joined = this.#carry.length > 0 ? Buffer.concat([this.#carry, chunk]) : chunk;
    const whole = joined.subarray(0, joined.length - unfinishedTail(joined));
    this.#carry = Buffer.from(joined.subarray(whole.length));
    if (this.#carry.length > 0) this.#carryLine = startLine + countLineEnds(whole);
    if (!isUtf8(whole)) this.invalidLine = startLine + firstInvalidLine(whole);
  }

  #checkLines(chunk: Buffer): void {
    let start = 0;
    for (let at = chunk.indexOf(LINE_END); at !== -1; at = chunk.indexOf(LINE_END, start)) {
      this.#grow(at - start);
      this.#line++;
      this.#lineBytes = 0;
      start = at + 1;
    }
    this.#grow(chunk.length - start);
  }

  #grow(bytes: number): void {
    this.#lineBytes += bytes;
    if (this.#lineBytes <= this.#maxLineBytes) return;
    throw new DropError(
      'ARCHIVO_DEMASIADO_GRANDE',
      `Una línea supera el tamaño admitido (${String(this.#maxLineBytes)} bytes).`,
      this.#line,
    );
  }
}

const decide = (asked: Encoding | 'auto', seen: Inspection): Encoding => {
  if (asked === 'win1252' && !seen.bom) return 'win1252';
  if (seen.invalidLine === null) return 'utf8';
  if (asked === 'auto' && !seen.bom) return 'win1252';
  throw badEncoding('El archivo no es UTF-8 válido, aunque así se declara.', seen.invalidLine);
};

/**
 * Reads the file once, in constant memory, to know its encoding and refuse what is no text. `auto`: a BOM or bytes that are
 * all valid UTF-8 mean UTF-8, anything else Windows-1252 (Spanish text in 1252 is never valid UTF-8 by chance). A BOM
 * decides even where Windows-1252 was expected.
 */
export async function inspectText(
  file: string,
  options: {
    readonly encoding: Encoding | 'auto';
    readonly maxLineBytes: number;
    readonly signal: AbortSignal;
  },
): Promise<TextForm> {
  const seen = new Inspection(options.maxLineBytes);
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
    options.signal.throwIfAborted();
    seen.add(chunk as Buffer);
  }
  seen.end();
  if (seen.size === 0 || (seen.bom && seen.size === UTF8_BOM.length)) {
    throw new DropError('ARCHIVO_VACIO', 'El archivo está vacío.');
  }
  return {
    encoding: decide(options.encoding, seen),
    bom: seen.bom,
    openLine: seen.openLine,
  };
}
