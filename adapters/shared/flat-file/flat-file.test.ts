import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readDelimited } from './delimited.js';
import type { DelimitedOptions } from './delimited.js';
import { readSD } from './submission.js';

/** The 27 characters that Windows-1252 puts where Latin-1 has control codes. */
const SPECIAL_BYTES = [
  0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8e, 0x91, 0x92, 0x93,
  0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9e, 0x9f,
];
const SPECIAL_TEXT = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';
const HEADER = 'S\t219105091\t11012\t2019\tFUT_GASTOS_DE_INVERSION';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'plano-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});
const write = async (content: string | Buffer): Promise<string> => {
  const file = path.join(folder, 'archivo.txt');
  await writeFile(file, content);
  return file;
};
async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}
const signal = (): AbortSignal => new AbortController().signal;
const submission = async (content: string | Buffer) =>
  collect(readSD(await write(content), { signal: signal() }));
const delimited = async (content: string | Buffer, options: Partial<DelimitedOptions> = {}) => {
  const rows = readDelimited(await write(content), {
    encoding: 'auto',
    delimiter: ';',
    required: ['CODIGO', 'PAGOS'],
    signal: signal(),
    ...options,
  });
  return collect(rows);
};

describe('readSD', () => {
  it('reads a header, its control total and its details with their lines', async () => {
    const blocks = await submission(
      `${HEADER}\r\nD\tVAL\t700\t140000000.00\r\nD\tA.1.2.2\t410\t-140000000.00\r\n`,
    );

    expect(blocks).toEqual([
      {
        header: {
          entidad: '219105091',
          periodo: '11012',
          anio: '2019',
          formulario: 'FUT_GASTOS_DE_INVERSION',
        },
        detalles: [
          { linea: 2, campos: ['VAL', '700', '140000000.00'] },
          { linea: 3, campos: ['A.1.2.2', '410', '-140000000.00'] },
        ],
        linea: 1,
      },
    ]);
  });

  it('keeps the lines, their numbers and their letters over the edges of its chunks', async () => {
    const letters = (at: number): string => (at === 9_000 ? 'peaje €' : `peaje ${at}`);
    const details = Array.from({ length: 20_000 }, (_, at) => ({
      linea: at + 2,
      campos: [`A.${at}`, 'Educación y atención', letters(at), ''],
    }));
    const text = details.map(({ campos }) => `D\t${campos.join('\t')}\r\n`).join('');
    const bytes = Buffer.from(`${HEADER}\r\n${text}`.replace('€', '\x80'), 'latin1');

    const blocks = await submission(bytes);

    expect(blocks.map(({ detalles }) => detalles)).toEqual([details]);
  });

  it('reads several blocks of one file, LF line ends, blank lines and the date of a header', async () => {
    const blocks = await submission(
      `${HEADER}\t31-01-2020\nD\tA\t1\n\n${HEADER.replace('11012', '10112')}\nD\tB\t2\nD\tC\t3`,
    );

    expect(blocks.map((b) => [b.header.periodo, b.header.fecha, b.linea])).toEqual([
      ['11012', '31-01-2020', 1],
      ['10112', undefined, 4],
    ]);
    expect(blocks[1]?.detalles.map((d) => d.linea)).toEqual([5, 6]);
  });

  it('decodes the 27 special characters of Windows-1252, and keeps quotes as text', async () => {
    const text = Buffer.concat([
      Buffer.from(`${HEADER}\r\nD\tA\t`),
      Buffer.from(SPECIAL_BYTES),
      Buffer.from('"A\xd1O"\r\n', 'latin1'),
    ]);

    const [block] = await submission(text);

    expect(block?.detalles[0]?.campos[1]).toBe(`${SPECIAL_TEXT}"AÑO"`);
  });

  it.each([
    ['with a BOM', '\ufeff'],
    ['without a BOM', ''],
  ])('reads UTF-8 %s', async (_, bom) => {
    const [block] = await submission(`${bom}${HEADER}\nD\tA\tINVERSIÓN – AÑO\n`);

    expect(block?.header.entidad).toBe('219105091');
    expect(block?.detalles[0]?.campos[1]).toBe('INVERSIÓN – AÑO');
  });

  it('loses no line nor letter where the chunks of a large file meet', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `D\tA.${String(i)}\tañoñeñi`);

    const [block] = await submission(`\ufeff${HEADER}\r\n${lines.join('\r\n')}\r\n`);

    expect(block?.header.entidad).toBe('219105091');
    expect(block?.detalles.map((d) => `D\t${d.campos.join('\t')}`)).toEqual(lines);
    expect(block?.detalles.at(-1)?.linea).toBe(30_001);
  });

  it.each([
    ['a detail before any header', `D\tA\t1\n${HEADER}\n`, 'ENCABEZADO_AUSENTE', 1],
    ['a last detail cut in a field', `${HEADER}\nD\tA\t1\t2\nD\tB\t1`, 'LINEA_CORTADA', 3],
    ['a last detail cut after its letter', `${HEADER}\nD\tA\t1\t2\nD`, 'LINEA_CORTADA', 3],
    ['a last header that is cut', `${HEADER}\nD\tA\t1\nS\t2191`, 'LINEA_CORTADA', 3],
    ['a header without form', `S\t219105091\t11012\t2019\n`, 'ENCABEZADO_AUSENTE', 1],
    ['a header with a wrong period', `S\t219105091\t2019\t2019\tFUT\n`, 'VALOR_INVALIDO', 1],
    ['a record of another kind', `${HEADER}\nX\tA\n`, 'VALOR_INVALIDO', 2],
    ['a file of no bytes', '', 'ARCHIVO_VACIO', null],
    ['a file of blank lines', '\r\n\r\n', 'ARCHIVO_VACIO', null],
    ['NUL bytes', `${HEADER}\nD\tA\t1\n\0\0\0\0`, 'CODIFICACION_INVALIDA', 3],
    ['UTF-16', Buffer.from(`\ufeff${HEADER}\n`, 'utf16le'), 'CODIFICACION_INVALIDA', 1],
  ])('refuses %s', async (_, content, codigo, linea) => {
    await expect(submission(content)).rejects.toMatchObject({ name: 'DropError', codigo, linea });
  });

  it('accepts a last line without line end that has all its fields', async () => {
    const [block] = await submission(`${HEADER}\nD\tA\t1\t2\nD\tB\t1\t2`);

    expect(block?.detalles).toHaveLength(2);
  });

  it('names the line of a file that declares UTF-8 and is not', async () => {
    const content = Buffer.from(`\xef\xbb\xbf${HEADER}\nD\tA\t1\nD\tA\xd1O\t1\n`, 'latin1');

    await expect(submission(content)).rejects.toMatchObject({
      codigo: 'CODIFICACION_INVALIDA',
      linea: 3,
    });
  });

  it('refuses a line of a gigabyte without holding it', async () => {
    const file = await write(`${HEADER}\nD\t`);
    const handle = await open(file, 'a');
    await handle.write(Buffer.alloc(4_000_000, 'x'));
    await handle.truncate(1024 ** 3);
    await handle.close();

    await expect(collect(readSD(file, { signal: signal() }))).rejects.toMatchObject({
      codigo: 'ARCHIVO_DEMASIADO_GRANDE',
    });
  });

  it('stops with the reason of its signal', async () => {
    const abort = new AbortController();
    const reason = new Error('plazo');
    const file = await write(`${HEADER}\nD\tA\t1\n${HEADER}\nD\tB\t1\n`);
    const blocks = readSD(file, { signal: abort.signal });

    await blocks.next();
    abort.abort(reason);

    await expect(collect(blocks)).rejects.toBe(reason);
  });
});

describe('readDelimited', () => {
  it('finds the header below title lines and numbers the data rows by file line', async () => {
    const rows = await delimited('Reporte\r\n\r\nCódigo;Pagos (Pesos)\r\nA.1;"1;5"\r\nA.2;-3\r\n');

    expect(rows.map(({ linea, campos }) => [linea, campos])).toEqual([
      [4, ['A.1', '1;5']],
      [5, ['A.2', '-3']],
    ]);
    expect(rows[0]?.header.column('PAGOS')).toBe(1);
  });

  it('keeps the columns of a repeated label apart', async () => {
    const [row] = await delimited('CODIGO;PAGOS;PAGOS\nA;1;2\n');

    expect(row?.header.positions('pagos').map((i) => row.campos[i])).toEqual(['1', '2']);
  });

  it('decodes Windows-1252 and UTF-8, told or found', async () => {
    const latin = Buffer.concat([Buffer.from('CODIGO;PAGOS\nA;'), Buffer.from(SPECIAL_BYTES)]);

    expect((await delimited(latin))[0]?.campos[1]).toBe(SPECIAL_TEXT);
    expect((await delimited(latin, { encoding: 'win1252' }))[0]?.campos[1]).toBe(SPECIAL_TEXT);
    expect((await delimited('CODIGO;PAGOS\nA;Ñ–\n', { encoding: 'utf8' }))[0]?.campos[1]).toBe(
      'Ñ–',
    );
  });

  it('delivers more rows than the search for the header holds', async () => {
    const lines = Array.from({ length: 500 }, (_, i) => `A.${String(i)};${String(i)}`);

    const rows = await delimited(['CODIGO;PAGOS', ...lines].join('\n'));

    expect(rows.map((row) => row.campos.join(';'))).toEqual(lines);
    expect(rows.at(-1)?.linea).toBe(501);
  });

  it.each([
    ['a row short of fields', 'CODIGO;PAGOS\nA;1\nB', 'LINEA_CORTADA', 3],
    ['a row with too many fields', 'CODIGO;PAGOS\nA;1\nB;1;2\n', 'VALOR_INVALIDO', 3],
    ['quotes that never close', 'CODIGO;PAGOS\nA;"1\nB;2\n', 'LINEA_CORTADA', 3],
    ['no header', 'A;1\nB;2\n', 'ENCABEZADO_AUSENTE', null],
    ['a header without a column', 'x\nCODIGO;OTRA\nA;1\n', 'ENCABEZADO_AUSENTE', null],
    ['a file of no bytes', '', 'ARCHIVO_VACIO', null],
  ])('refuses %s', async (_, content, codigo, linea) => {
    await expect(delimited(content)).rejects.toMatchObject({ codigo, linea });
  });

  it('names the line where UTF-8 breaks, also across the chunks of a large file', async () => {
    const good = 'A;años\n'.repeat(20_000);
    const content = Buffer.concat([
      Buffer.from(`CODIGO;PAGOS\n${good}`),
      Buffer.from('B;a\xf1os\n', 'latin1'),
    ]);

    await expect(delimited(content, { encoding: 'utf8' })).rejects.toMatchObject({
      codigo: 'CODIFICACION_INVALIDA',
      linea: 20_002,
    });
  });

  it('refuses a record larger than its cap even when quotes spread it over lines', async () => {
    const content = `CODIGO;PAGOS\nA;"${'x\n'.repeat(5000)}`;

    await expect(delimited(content, { maxRecordBytes: 1000 })).rejects.toMatchObject({
      codigo: 'ARCHIVO_DEMASIADO_GRANDE',
    });
  });
});
