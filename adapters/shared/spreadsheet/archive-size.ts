import { inflateRawSync } from 'node:zlib';
import { DropError } from '../drop-error.js';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_ENTRY = 0x04034b50;
const DEFLATED = 8;

const truncated = () =>
  new DropError(
    'LIBRO_ILEGIBLE',
    'El libro de cálculo está cortado o dañado; vuelva a descargarlo.',
  );

const tooLarge = () =>
  new DropError(
    'ARCHIVO_DEMASIADO_GRANDE',
    'El contenido descomprimido del libro supera el tamaño admitido.',
  );

const findEndOfDirectory = (bytes: Buffer): number => {
  const first = Math.max(0, bytes.length - 22 - 0xffff);
  for (let at = bytes.length - 22; at >= first; at--) {
    if (bytes.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  }
  throw truncated();
};

const inflatedSize = (bytes: Buffer, entry: number, limit: number): number => {
  const method = bytes.readUInt16LE(entry + 10);
  const packed = bytes.readUInt32LE(entry + 20);
  const local = bytes.readUInt32LE(entry + 42);
  if (bytes.readUInt32LE(local) !== LOCAL_ENTRY) throw truncated();
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  if (start + packed > bytes.length) throw truncated();
  if (method !== DEFLATED) return packed;
  try {
    const data = bytes.subarray(start, start + packed);
    return inflateRawSync(data, { maxOutputLength: Math.max(1, limit) }).length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw truncated();
  }
};

/**
 * Inflates every part of an .xlsx with a hard limit before the parser may touch it: the sizes that an archive declares
 * about itself can lie, and a worker's heap limit does not count buffers.
 */
export function checkInflatedSize(bytes: Buffer, maxInflatedBytes: number): void {
  try {
    const end = findEndOfDirectory(bytes);
    const entries = bytes.readUInt16LE(end + 10);
    let at = bytes.readUInt32LE(end + 16);
    let left = maxInflatedBytes;
    for (let i = 0; i < entries; i++) {
      if (bytes.readUInt32LE(at) !== DIRECTORY_ENTRY) throw truncated();
      left -= inflatedSize(bytes, at, left);
      if (left < 0) throw tooLarge();
      at +=
        46 +
        bytes.readUInt16LE(at + 28) +
        bytes.readUInt16LE(at + 30) +
        bytes.readUInt16LE(at + 32);
    }
  } catch (error) {
    if (error instanceof RangeError) throw truncated();
    throw error;
  }
}
