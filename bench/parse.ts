/**
 * How fast extracts are parsed, beside a plain split of the same bytes, and whether memory stays flat while they stream.
 *
 *   npm run build && node dist/bench/parse.js [MB]
 *   node dist/bench/parse.js 2048 --memory      one pass over a large extract: resident size over time
 *
 * S/D is a CHIP submission (tabs, Windows-1252); SODA is a page of fifty thousand rows, decoded as the client decodes it.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SourceContext } from '../adapters/contract.js';
import { readSD } from '../adapters/shared/flat-file/submission.js';
import type { HttpSource } from '../adapters/shared/http/http-source.js';
import { createSodaWire } from '../adapters/shared/soda/wire.js';
import { median } from './load.js';

const MB = 1024 * 1024;
const ROUNDS = 5;
const LINES_PER_ENTITY = 900;
const PAGE_ROWS = 50_000;

const ctx: SourceContext = {
  signal: new AbortController().signal,
  deadline: Number.MAX_SAFE_INTEGER,
  alcance: 'publico',
  corte: null,
  epoca: 0,
  origen: 'fondo',
};

/** What one entity submits: an S record and its D records, of the width of a FUT form. */
function blockOf(entity: number): Buffer {
  const code = String(210_100_000 + (entity % 1_122));
  const lines = [`S\t${code}\t11012\t2020\tFUT_GASTOS_DE_INVERSION\t15-02-2021`];
  for (let i = 0; i < LINES_PER_ENTITY; i++) {
    const amount = String(((i * 7_919 + entity) % 900_000) * 1_003);
    lines.push(
      `D\tA.${i % 18}.${i % 7}.${i}\tINV-${i % 40}\tEducación y atención\t${amount}\t${amount}\t0\t${amount}.5\t${amount}`,
    );
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1');
}

async function writeExtract(file: string, bytes: number): Promise<void> {
  const out = createWriteStream(file);
  for (let written = 0, entity = 0; written < bytes; entity++) {
    const block = blockOf(entity);
    written += block.length;
    if (!out.write(block)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

function pageText(): string {
  const rows = Array.from({ length: PAGE_ROWS }, (_, i) => ({
    periodo: '20251201',
    codigo_entidad: String(210_100_000 + (i % 1_122)),
    nombre_entidad: `Municipio de prueba número ${i % 1_122}`,
    cuenta: `2.3.${i % 9}.${i % 20}`,
    cod_vigencia_del_gasto: '1',
    nom_vigencia_del_gasto: 'VIGENCIA ACTUAL',
    cod_seccion_presupuestal: '16',
    compromisos: String(i * 1_000_003),
    obligaciones: String(i * 900_001),
    pagos: '0',
  }));
  return `[${rows.map((row) => JSON.stringify(row)).join('\n,')}]`;
}

/** Lines and cells by `split` alone: no encoding, no check, nothing kept. */
async function splitFile(file: string): Promise<number> {
  let rows = 0;
  let open = '';
  for await (const chunk of createReadStream(file)) {
    const lines = (open + (chunk as Buffer).toString('latin1')).split('\n');
    open = lines.pop() ?? '';
    for (const line of lines) if (line.split('\t').length > 1) rows++;
  }
  return rows;
}

async function parseFile(file: string): Promise<number> {
  let rows = 0;
  for await (const { detalles } of readSD(file, { signal: ctx.signal }))
    rows += detalles.length + 1;
  return rows;
}

const splitPage = (body: Buffer): number => {
  let rows = 0;
  for (const line of body.toString('utf8').split('\n')) if (line.split(',').length > 1) rows++;
  return rows;
};

/** The wire of the product over a body that is already here. */
async function parsePage(body: Buffer): Promise<number> {
  const getDecoded: HttpSource['getDecoded'] = (_path, _ctx, decode) =>
    Promise.resolve({
      status: 200,
      headers: { 'last-modified': 'Mon, 04 May 2026 15:12:09 GMT' },
      body: decode(body.toString('utf8')),
      receivedAt: '2026-05-04T15:12:09.000Z',
    });
  const wire = createSodaWire('bench', { getDecoded } as HttpSource, undefined);
  return (await wire.fetchRows('/resource/abcd-1234.json', ctx)).rows.length;
}

const rssMb = (): number => Math.round(process.memoryUsage.rss() / MB);

interface Pass {
  readonly rows: number;
  readonly cpuMs: number;
}

async function timed(work: () => Promise<number> | number): Promise<Pass> {
  global.gc?.();
  const start = process.cpuUsage();
  const rows = await work();
  const { user, system } = process.cpuUsage(start);
  return { rows, cpuMs: (user + system) / 1_000 };
}

/** Rounds in turn, so that a drift of the machine falls on both. CPU time, because the machine is seldom alone. */
async function compare(
  bytes: number,
  parse: () => Promise<number>,
  split: () => Promise<number> | number,
): Promise<object> {
  const rounds: { parsed: Pass; plain: Pass }[] = [];
  for (let i = 0; i < ROUNDS; i++)
    rounds.push({ plain: await timed(split), parsed: await timed(parse) });
  const seconds = median(rounds.map(({ parsed }) => parsed.cpuMs)) / 1_000;
  return {
    rowsPerSecond: Math.round((rounds[0]?.parsed.rows ?? 0) / seconds),
    mbPerSecond: Math.round(bytes / MB / seconds),
    ofSplit: Number(
      median(rounds.map(({ parsed, plain }) => plain.cpuMs / parsed.cpuMs)).toFixed(2),
    ),
  };
}

async function measureMemory(file: string): Promise<object> {
  const idle = rssMb();
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(rssMb()), 1_000);
  const rows = await parseFile(file);
  clearInterval(timer);
  const step = Math.max(1, Math.ceil(samples.length / 20));
  return {
    rows,
    idleMb: idle,
    peakMb: Math.max(...samples, rssMb()),
    overTimeMb: samples.filter((_, at) => at % step === 0),
  };
}

const megabytes = Number(process.argv[2] ?? 64);
const folder = await mkdtemp(path.join(tmpdir(), 'sugit-parse-'));
const file = path.join(folder, 'extracto.txt');
try {
  await writeExtract(file, megabytes * MB);
  const { size } = await stat(file);
  if (process.argv.includes('--memory')) {
    process.stdout.write(
      `${JSON.stringify({ mb: Math.round(size / MB), ...(await measureMemory(file)) })}\n`,
    );
  } else {
    const page = Buffer.from(pageText());
    const sd = await compare(
      size,
      () => parseFile(file),
      () => splitFile(file),
    );
    const soda = await compare(
      page.length,
      () => parsePage(page),
      () => splitPage(page),
    );
    process.stdout.write(`${JSON.stringify({ sd, soda })}\n`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
