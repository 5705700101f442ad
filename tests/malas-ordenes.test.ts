import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { rutasOf } from '../gateway/desmonte/rutas.js';
import { RaizFut } from '../schema/registros/fut.js';
import type { Casa } from './casa-desmonte.js';
import { openCasa, raizAt, refusalOf } from './casa-desmonte.js';

/** What must not be, asked as people ask it: refused with a reason in Spanish and a code, and nothing lost. */
const FILAS = 300;
const CHUNK = 100;
const DIA_MS = 86_400_000;

let casa: Casa;
/** Each test moves records of its own. */
let grupo = 10;
let id: string;
const START = Date.parse('2026-03-01T12:00:00Z');

beforeAll(async () => {
  casa = await openCasa(0, CHUNK);
}, 60_000);
afterAll(() => casa.close());
beforeEach(async () => {
  grupo += 1;
  id = `raiz-${grupo}`;
  const rows = Array.from({ length: FILAS }, (_, n) => raizAt(n, String(grupo)));
  Object.assign(casa.viejo, { rows, edition: 1, cutAt: Infinity });
  casa.reloj.now = START;
  await casa.ask(`mutation { crearTramo(id: "${id}", registro: "RaizFut", motivo: "x",
    cohorte: [{ campo: "codigoChip", prefijo: "2101${grupo}" }]) { id } }`);
  await move('backfill', 1);
});

const move = (hacia: string, epoca: number) =>
  casa.ask(
    `mutation { moverTramo(id: "${id}", hacia: "${hacia}", epoca: ${epoca}, motivo: "x") { fase epoca } }`,
  );

const estado = async (): Promise<unknown> =>
  (await casa.ask(`{ tramo(id: "${id}") { fase epoca } }`)).data?.['tramo'];

async function held(): Promise<number> {
  const tarea = casa.gateway.mesa.tarea(id, new AbortController().signal);
  if ('code' in tarea) throw new Error(tarea.mensaje);
  return (await rutasOf(tarea, RaizFut.ruta)).length;
}

interface Ended {
  readonly codigo: string | null;
  readonly motivo: string | null;
}

/** Orders a load and asks how it goes until it stands. */
async function load(args = ''): Promise<Ended> {
  await casa.ask(`mutation { iniciarBackfill(id: "${id}"${args}) { tarea } }`);
  for (;;) {
    const { data } = await casa.ask(`{ tramo(id: "${id}") { tarea { enCurso codigo motivo } } }`);
    const tarea = data?.['tramo']?.['tarea'] as Ended & { readonly enCurso: boolean };
    if (!tarea.enCurso) return tarea;
  }
}
const stoppedFor = (codigo: string, motivo: string): Record<keyof Ended, unknown> => ({
  codigo,
  motivo: expect.stringContaining(motivo),
});

/** The load is told to stop when it is about to read its third chunk. */
async function stopInTheMiddle(): Promise<void> {
  casa.viejo.beforeChunk = (at) => {
    if (at === 2 * CHUNK) void casa.ask(`mutation { detenerTarea(id: "${id}") { paso } }`);
    return new Promise((resolve) => setImmediate(resolve));
  };
  const ended = await load();
  casa.viejo.beforeChunk = () => undefined;
  expect(ended).toMatchObject(stoppedFor('TASK_ABORTED', 'sigue donde iba'));
}

describe('a load that goes on where it was', () => {
  it('is refused once the mapping changed, and keeps what it took', async () => {
    await stopInTheMiddle();
    const before = await held();
    await casa.ask(
      `mutation { cambiarVersion(id: "${id}", cual: MAPEO, epoca: 2, motivo: "otro") { mapeo } }`,
    );

    const ended = await load();

    expect(ended).toMatchObject(stoppedFor('RESUME_REFUSED', 'el mapeo'));
    expect(before).toBeGreaterThanOrEqual(CHUNK);
    expect(await held()).toBe(before);
  }, 60_000);

  it('is refused once the source pages other data, and begins again when told to', async () => {
    await stopInTheMiddle();
    const before = await held();
    casa.viejo.edition = 2;

    const refused = await load();
    const kept = await held();
    const again = await load(', reiniciar: true');

    expect(refused).toMatchObject(stoppedFor('RESUME_REFUSED', 'otra versión'));
    expect(kept).toBe(before);
    expect([again.codigo, await held()]).toEqual([null, FILAS]);
  }, 60_000);
});

describe('a source that answers only a part of what it had', () => {
  it('has nothing deleted for it, and its next whole answer is taken', async () => {
    await load();
    casa.viejo.cutAt = CHUNK;
    casa.viejo.edition = 2;

    const cut = await load();
    const kept = await held();
    casa.viejo.cutAt = Infinity;
    casa.viejo.rows = [...casa.viejo.rows, raizAt(FILAS, String(grupo))];
    casa.viejo.edition = 3;
    const whole = await load();

    expect(cut).toMatchObject(stoppedFor('DELETE_LIMIT', 'borr'));
    expect(kept).toBe(FILAS);
    expect([whole.codigo, await held()]).toEqual([null, FILAS + 1]);
  }, 90_000);
});

describe('a clock that jumps', () => {
  it('back before the phase: no gate is met by it, and nothing moves', async () => {
    await load();
    await casa.ask(`mutation { ensayar(id: "${id}", ensayo: MAPEO) { id } }`);
    casa.reloj.now -= 2 * DIA_MS;

    const [code, mensaje] = refusalOf(await move('shadow', 2));

    expect(code).toBe('GATE_NOT_SATISFIED');
    expect(mensaje).toContain('el reloj marca una hora anterior al comienzo de la fase');
    expect(await estado()).toEqual({ fase: 'backfill', epoca: 2 });
  }, 60_000);

  it('forward: what was proven is too old, and once the clock is right again it counts', async () => {
    await load();
    await casa.ask(`mutation { ensayar(id: "${id}", ensayo: MAPEO) { id } }`);
    casa.reloj.now += 30 * DIA_MS;
    const [code, mensaje] = refusalOf(await move('shadow', 2));
    casa.reloj.now -= 30 * DIA_MS;
    const { data } = await casa.ask(`{ tramo(id: "${id}") { fase epoca compuerta { faltas } } }`);

    expect([code, mensaje]).toEqual(['GATE_NOT_SATISFIED', expect.stringContaining('horas')]);
    expect(data?.['tramo']).toMatchObject({ fase: 'backfill', epoca: 2 });
    expect(JSON.stringify(data)).toContain('fecha futura');
  }, 60_000);
});

describe('an order over what somebody else moved', () => {
  it('says which epoch it saw and which there is, forward and back', async () => {
    const forward = refusalOf(await move('shadow', 1));
    const back = refusalOf(
      await casa.ask(
        `mutation { retrocederTramo(id: "${id}", hacia: "legacy", epoca: 7, motivo: "x") { fase } }`,
      ),
    );

    for (const [code, mensaje] of [forward, back]) {
      expect(code).toBe('STALE_EPOCH');
      expect(mensaje).toContain('El tramo va en la época 2');
    }
    expect(await estado()).toEqual({ fase: 'backfill', epoca: 2 });
  });
});
