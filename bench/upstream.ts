/**
 * The source of every contender: SODA-shaped JSON from ready buffers, calls counted. It serves the summary grain itself
 * and the real CUIPO grain as the sandbox wrote it, remembered by question.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { codesOf, COPIES, RESUMENES, wireRow } from './grain.js';
import type { Resumen } from './grain.js';
import { openDoor } from './side-door.js';

const [sandboxUrl = ''] = process.argv.slice(2);
const PUBLISHED = 'Mon, 04 May 2026 15:12:09 GMT';
const JSON_TYPE = 'application/json;charset=utf-8';

interface Dataset {
  readonly byCode: ReadonlyMap<string, Buffer>;
  /** Everything of the first n copies, at n. */
  readonly covers: readonly Buffer[];
}

function createDataset(resumen: Resumen): Dataset {
  const byCode = new Map<string, Buffer>();
  const covers: Buffer[] = [Buffer.from('[]')];
  const lines: string[] = [];
  for (let copy = 0; copy < COPIES; copy++) {
    for (const code of codesOf(copy)) {
      const line = JSON.stringify(wireRow(resumen, code));
      lines.push(line);
      byCode.set(code, Buffer.from(line));
    }
    covers.push(Buffer.from(`[${lines.join('\n,')}]`));
  }
  return { byCode, covers };
}

const datasets = new Map(RESUMENES.map((resumen) => [resumen.dataset, createDataset(resumen)]));

let calls = 0;
let latencyMs = 0;

/** Answers of the real grain by question. */
const remembered = new Map<
  string,
  { status: number; body: Buffer; headers: Record<string, string> }
>();
/** Answers by keys, made once per question like any page cache would. */
const byQuestion = new Map<string, Buffer>();
const MAX_QUESTIONS = 5_000;

const server = createServer((incoming, response) => {
  calls += 1;
  if (latencyMs === 0) void answer(incoming, response);
  else setTimeout(() => void answer(incoming, response), latencyMs);
});
server.keepAliveTimeout = 60_000;

async function answer({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
  const id = url.slice('/resource/'.length, '/resource/'.length + 9);
  const dataset = datasets.get(id);
  if (dataset !== undefined) {
    const body = bodyOf(dataset, url);
    response.writeHead(200, {
      'content-type': JSON_TYPE,
      'content-length': body.length,
      'last-modified': PUBLISHED,
    });
    response.end(body);
    return;
  }
  const found = remembered.get(url) ?? (await ask(url));
  response.writeHead(found.status, { ...found.headers, 'content-length': found.body.length });
  response.end(found.body);
}

function bodyOf(dataset: Dataset, url: string): Buffer {
  const ready = byQuestion.get(url);
  if (ready !== undefined) return ready;
  const where = new URL(url, 'http://localhost').searchParams.get('$where') ?? '';
  const cover = /copia < (\d+)/.exec(where)?.[1];
  const body =
    cover === undefined
      ? Buffer.from(`[${rowsOf(dataset, where).join('\n,')}]`)
      : (dataset.covers[Number(cover)] ?? Buffer.from('[]'));
  if (byQuestion.size >= MAX_QUESTIONS) byQuestion.clear();
  byQuestion.set(url, body);
  return body;
}

function rowsOf({ byCode }: Dataset, where: string): string[] {
  const codes = [...where.matchAll(/'([^']*)'/g)].map(([, code = '']) => code);
  return codes.sort().flatMap((code) => byCode.get(code)?.toString() ?? []);
}

async function ask(url: string): Promise<{
  status: number;
  body: Buffer;
  headers: Record<string, string>;
}> {
  const { statusCode, headers, body } = await request(`${sandboxUrl}${url}`);
  const kept: Record<string, string> = {};
  for (const name of ['content-type', 'last-modified', 'x-soda2-fields', 'x-soda2-types']) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  const known = { status: statusCode, body: Buffer.from(await body.arrayBuffer()), headers: kept };
  if (statusCode === 200) remembered.set(url, known);
  return known;
}

server.listen(0, '127.0.0.1', () => {
  openDoor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    calls: () => calls,
    setLatency: (ms) => {
      latencyMs = ms;
    },
  });
});
