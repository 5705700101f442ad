import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createGzip } from 'node:zlib';
import type { Writable } from 'node:stream';

/** What a route answers; the body is pulled piece by piece. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Iterable<string>;
}

export interface Damage {
  readonly cut: boolean;
  readonly garble: boolean;
}

export function jsonReply(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json;charset=utf-8', ...headers },
    body: [`${JSON.stringify(value)}\n`],
  };
}

async function writePiece(out: Writable, piece: string): Promise<void> {
  if (!out.write(piece)) await once(out, 'drain');
}

/** Sends a reply, compressed when asked, cut or garbled when a fault says so. */
export async function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  damage: Damage,
): Promise<void> {
  const gzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const compress = gzip && reply.status === 200 && !damage.cut;
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(compress ? { 'Content-Encoding': 'gzip' } : {}),
  });
  if (reply.status === 304) {
    response.end();
    return;
  }
  const out: Writable = compress ? createGzip({ level: 1 }) : response;
  if (out !== response) out.pipe(response);
  response.on('close', () => {
    if (out !== response) out.destroy();
  });
  for (const piece of reply.body) {
    if (response.destroyed) return;
    if (damage.cut) {
      response.write(piece.slice(0, Math.max(1, piece.length >> 1)), () => response.destroy());
      return;
    }
    if (damage.garble) {
      out.end(`${piece.slice(0, Math.max(1, (piece.length * 2) / 3))}"<`);
      return;
    }
    await writePiece(out, piece);
  }
  out.end();
}

export async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  return `http://127.0.0.1:${taken}`;
}

export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
