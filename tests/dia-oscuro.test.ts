import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ANONYMOUS } from '../gateway/access/tokens.js';
import { keyOfFila } from '../schema/key.js';
import { RaizFut } from '../schema/registros/fut.js';
import { byAcceso } from '../subgraphs/subgraph.js';
import type { AnyOutcome } from '../gateway/rows/outcome.js';
import type { Casa } from './casa-desmonte.js';
import { openCasa, raizAt, refusalOf } from './casa-desmonte.js';

/** A day without the old system, under the strict policy: really closed, for as long as it says, and over at one effect. */
const HORA_MS = 3_600_000;
const FILAS = 5;
const [ACCESO, { claves }] = Object.entries(RaizFut.accesos).find(([, one]) =>
  RaizFut.ruta.every((campo) => one.claves.includes(campo)),
) as [string, { claves: readonly string[] }];
const bucket = byAcceso(RaizFut, ACCESO);

let casa: Casa;
let isDown = false;
let grupo = 10;
let id: string;

beforeAll(async () => {
  casa = await openCasa(0, 10, { politica: 'estricta', caido: () => isDown });
}, 60_000);
afterAll(() => casa.close());

/** A loaded tramo in primary, put there by hand: the gates have tests of their own. */
beforeEach(async () => {
  isDown = false;
  grupo += 1;
  id = `raiz-${grupo}`;
  casa.viejo.rows = Array.from({ length: FILAS }, (_, n) => raizAt(n, String(grupo)));
  await casa.ask(`mutation { crearTramo(id: "${id}", registro: "RaizFut", motivo: "x",
    cohorte: [{ campo: "codigoChip", prefijo: "2101${grupo}" }]) { id } }`);
  await casa.ask(
    `mutation { moverTramo(id: "${id}", hacia: "backfill", epoca: 1, motivo: "x") { id } }`,
  );
  await casa.ask(`mutation { iniciarBackfill(id: "${id}") { tarea } }`);
  for (;;) {
    const { data } = await casa.ask(`{ tramo(id: "${id}") { tarea { enCurso } } }`);
    if ((data?.['tramo']?.['tarea'] as { enCurso: boolean }).enCurso) continue;
    break;
  }
  const { store } = casa.gateway.mesa;
  await store.query(`update tramo set fase = 'primary', epoca = epoca + 1 where id = $1`, [id]);
  await store.query('update ruteo_epoca set epoca = epoca + 1');
  await casa.gateway.tramos.refresh();
  casa.viejo.calls.length = 0;
});

const ensayar = () =>
  casa.ask(`mutation { ensayar(id: "${id}", ensayo: DIA_OSCURO) { oscuroDesde } }`);

const estado = async (): Promise<Record<string, unknown>> => {
  const { data } = await casa.ask(`{ tramo(id: "${id}") { fase epoca oscuroDesde
    evidencias { tipo valor } transiciones { automatica motivo } compuerta { nombre faltas } } }`);
  return data?.['tramo'] ?? {};
};
const evidence = ({ evidencias }: Record<string, unknown>): unknown => {
  const found = (evidencias as { tipo: string; valor: string }[]).find(
    ({ tipo }) => tipo === 'dia-oscuro',
  );
  return found === undefined ? null : JSON.parse(found.valor);
};

/** As a reader asks, through routes, fence and stand-in. */
async function read(n: number): Promise<AnyOutcome> {
  const { store } = casa.gateway.newContext(ANONYMOUS, { signal: new AbortController().signal });
  const key = keyOfFila(raizAt(n, String(grupo)), claves) ?? '';
  await store.load([{ bucket, keys: [key] }]);
  return store.outcome(bucket, key);
}

describe('a day without the old system', () => {
  it('is closed to all who would ask it, while readers are answered by the new one', async () => {
    const begun = await ensayar();
    const works = await Promise.all(
      ['iniciarBackfill', 'iniciarCenso', 'iniciarCotejo'].map((work) =>
        casa.ask(`mutation { ${work}(id: "${id}") { tarea } }`),
      ),
    );
    const answers = await Promise.all([0, 1, 2, 3, 4].map(read));
    await casa.gateway.vigia.sombra.idle();

    expect(begun.data?.['ensayar']?.['oscuroDesde']).toEqual(expect.any(String));
    for (const refused of works.map(refusalOf))
      expect(refused).toEqual(['TRANSITION_NOT_ALLOWED', expect.stringContaining('a oscuras')]);
    expect(answers.map((one) => one.at === 'found' && one.origin.servidoPor)).toEqual(
      Array(FILAS).fill('unico'),
    );
    expect(casa.viejo.calls).toEqual([]);
    expect(await estado()).toMatchObject({ fase: 'primary', oscuroDesde: expect.any(String) });
  }, 30_000);

  it('counts only for as long as it lasted, and ends by itself when the policy is met', async () => {
    await ensayar();
    casa.reloj.now += 3 * HORA_MS;
    await ensayar();
    const early = await estado();
    casa.reloj.now += 21 * HORA_MS;
    await casa.gateway.vigia.look();
    const late = await estado();

    expect(evidence(early)).toEqual({ horas: 3, efectos: 0 });
    expect(JSON.stringify(early['compuerta'])).toContain('duró 3 de 24 horas');
    expect(early['oscuroDesde']).not.toBeNull();
    expect(evidence(late)).toEqual({ horas: 24, efectos: 0 });
    expect(JSON.stringify(late['compuerta'])).not.toContain('ensayo sin el sistema viejo');
    expect(late).toMatchObject({
      fase: 'primary',
      oscuroDesde: null,
      transiciones: expect.arrayContaining([
        { automatica: false, motivo: 'empieza el ensayo a oscuras' },
        { automatica: true, motivo: 'cumplió su tiempo a oscuras' },
      ]),
    });
  }, 30_000);

  it('ends at the first reader who needed the old system, with the effect on record', async () => {
    await ensayar();
    isDown = true;

    const lost = await read(0);
    const calls = casa.viejo.calls.length;
    await casa.gateway.vigia.look();
    const after = await estado();
    const helped = await read(1);

    expect(lost).toMatchObject({ at: 'failed', error: { code: 'SOURCE_UNAVAILABLE' } });
    expect(calls).toBe(0);
    expect(evidence(after)).toMatchObject({ efectos: 1 });
    expect(after).toMatchObject({ fase: 'primary', oscuroDesde: null });
    expect(JSON.stringify(after['compuerta'])).toContain('tuvo 1 efectos');
    expect(helped).toMatchObject({ at: 'found', respaldo: true });
  }, 30_000);

  it('ends with a step back: where the old side owns keys it is asked again', async () => {
    await ensayar();
    const { epoca } = await estado();

    await casa.ask(`mutation { retrocederTramo(id: "${id}", hacia: "shadow", epoca: ${String(epoca)},
      motivo: "x") { fase } }`);

    expect(await estado()).toMatchObject({ fase: 'shadow', oscuroDesde: null });
    expect(await read(0)).toMatchObject({ at: 'found', origin: { servidoPor: 'viejo' } });
  }, 30_000);

  it('is refused where the old side still answers', async () => {
    const { epoca } = await estado();
    await casa.ask(`mutation { retrocederTramo(id: "${id}", hacia: "shadow", epoca: ${String(epoca)},
      motivo: "x") { fase } }`);

    const [code, mensaje] = refusalOf(await ensayar());

    expect([code, mensaje]).toEqual([
      'TRANSITION_NOT_ALLOWED',
      expect.stringContaining('no se ensaya a oscuras'),
    ]);
  }, 30_000);
});
