import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Budget, Fault, FaultBoard } from './faults.js';
import { jsonReply, readBody, sendReply, type Reply } from './http.js';

interface ControlBody {
  readonly sistema?: string;
  readonly dataset?: string;
  readonly on?: boolean;
  readonly tokens?: readonly string[];
  readonly budget?: Budget | null;
  readonly fault?: Fault;
}

function needSistema(body: ControlBody): string {
  if (body.sistema === undefined) throw new TypeError('sistema is needed');
  return body.sistema;
}

type Action = (board: FaultBoard, body: ControlBody) => unknown;

const ACTIONS: Readonly<Record<string, Action>> = {
  'GET /counts': (board) => {
    const calls = board.counts();
    return { total: calls.reduce((n, c) => n + c.count, 0), calls };
  },
  'GET /log': (board) => board.log(),
  'DELETE /counts': (board) => {
    board.resetCounts();
  },
  'POST /faults': (board, body) => {
    board.setFault(needSistema(body), body.dataset, body.fault ?? {});
  },
  'DELETE /faults': (board) => {
    board.clearFaults();
  },
  'POST /swap': (board, body) => {
    board.swap(needSistema(body), body.dataset ?? '');
  },
  'POST /windows': (board, body) => {
    board.windows = body.on === true;
  },
  'POST /tokens': (board, body) => {
    board.tokens.clear();
    for (const token of body.tokens ?? []) board.tokens.add(token);
  },
  'POST /budget': (board, body) => {
    board.setBudget(needSistema(body), body.budget ?? undefined);
  },
};

async function answer(board: FaultBoard, request: IncomingMessage): Promise<Reply> {
  const { pathname } = new URL(request.url ?? '/', 'http://sandbox');
  const action = ACTIONS[`${request.method ?? 'GET'} ${pathname}`];
  if (!action) return jsonReply(404, { error: 'no such control', controls: Object.keys(ACTIONS) });
  const text = await readBody(request);
  try {
    const body = (text === '' ? {} : JSON.parse(text)) as ControlBody;
    return jsonReply(200, action(board, body) ?? { ok: true });
  } catch (error) {
    return jsonReply(400, { error: String(error) });
  }
}

/** The control door: a server of its own, so that no wire carries anything the real systems don't have. */
export function createControlServer(board: FaultBoard): Server {
  return createServer((request, response) => {
    answer(board, request)
      .then((reply) => sendReply(request, response, reply, { cut: false, garble: false }))
      .catch(() => response.destroy());
  });
}
