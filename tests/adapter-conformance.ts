import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keyOf, keyOfFila, type Key } from '../schema/key.js';
import type { Registro } from '../schema/registro.js';
import { isDecimal } from '../schema/values/decimal.js';
import type { Adapter, ByKey, Row, SourceContext } from '../adapters/contract.js';
import { RETRYABLE_BY_CODE } from '../adapters/errors.js';

/** How the source behaves: as documented, or in a way in which sources have been seen to behave. */
export type Conducta =
  /** As documented. */
  | 'NORMAL'
  /** Rows in another order. */
  | 'BARAJADA'
  /** Every row twice. */
  | 'DOBLE'
  /** Rows without the columns that may be null. */
  | 'CORTA'
  /** Refuses every connection. */
  | 'MUERTA';

/** One adapter with a source that the test commands. */
export interface Subject {
  readonly adapter: Adapter;
  readonly registro: Registro;
  readonly acceso: string;
  /** Keys for which the source has records: two at least. */
  readonly keys: readonly Key[];
  /** Well formed, but nobody reported it. */
  readonly unknown: Key;
  /** Why a key costs a call of its own, where the wire cannot be asked for several; then that is the most it may cost. */
  readonly callPerKey?: string;
  conduct(conducta: Conducta): void;
  /** Requests seen by the source so far. */
  calls(): number;
  /** Closes what the test opened; the adapter is closed before. */
  dispose(): Promise<void>;
}

export const contextOf = (signal: AbortSignal = new AbortController().signal): SourceContext => ({
  signal,
  deadline: Number.MAX_SAFE_INTEGER,
  alcance: 'publico',
  corte: null,
  epoca: 0,
  origen: 'consulta',
});

/** What every adapter keeps, whatever its system. Each calls this in its own test, and then adds its oddities. */
export function adapterConformance(name: string, makeSubject: () => Promise<Subject>): void {
  describe(`${name}, as an adapter`, () => {
    let subject: Subject;
    const read = (keys: readonly Key[] = subject.keys, ctx = contextOf()) =>
      subject.adapter.read(subject.registro, subject.acceso, keys, ctx);

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(async () => {
      await subject.adapter.close();
      await subject.dispose();
    });

    it('answers every key asked and never one more', async () => {
      const asked = [...subject.keys, subject.unknown];

      expect([...(await read(asked)).keys()].sort()).toEqual([...asked].sort());
      expect([...(await read([...asked].reverse())).keys()].sort()).toEqual([...asked].sort());
    });

    it.each(['NORMAL', 'BARAJADA', 'DOBLE', 'CORTA'] as const)(
      'gives each key its own records and no others when the source is %s',
      async (conducta) => {
        subject.conduct(conducta);
        const { claves } = accesoOf(subject);

        for (const [key, rows] of foundOf(await read())) {
          expect(rows.length).toBeGreaterThan(0);
          expect(new Set(rows.map((row) => keyOfFila(row, claves)))).toEqual(new Set([key]));
          const identities = rows.map((row) => keyOfFila(row, subject.registro.clave));
          expect(identities).not.toContain(undefined);
          expect(new Set(identities).size).toBe(rows.length);
        }
      },
    );

    it('gives the same records whatever the order of the rows', async () => {
      const straight = sorted(subject, await read());
      subject.conduct('BARAJADA');

      expect(sorted(subject, await read())).toEqual(straight);
    });

    it('answers absent, with its origin, for a key that nobody reported', async () => {
      const outcome = (await read([subject.unknown])).get(subject.unknown);

      expect(outcome).toMatchObject({
        at: 'absent',
        origin: { sistema: subject.registro.sistema },
      });
    });

    it('answers absent for a key with empty parts', async () => {
      const empty = keyOf(accesoOf(subject).claves.map(() => ''));

      expect((await read([empty])).get(empty)?.at).toBe('absent');
    });

    it('never shows a name that is no campo, nor a value of another type', async () => {
      for (const conducta of ['NORMAL', 'CORTA'] as const) {
        subject.conduct(conducta);
        const rows = [...foundOf(await read()).values()].flat();

        expect(rows.flatMap((row) => misfitsOf(subject.registro, row))).toEqual([]);
      }
    });

    it('says from which version, and when it was checked', async () => {
      const version = await subject.adapter.version(subject.registro, contextOf());

      expect(version.token).not.toBe('');
      for (const outcome of (await read()).values()) {
        if (outcome.at === 'failed') throw new Error(outcome.error.mensaje);
        expect(outcome.origin).toMatchObject({
          sistema: subject.registro.sistema,
          registro: subject.registro.nombre,
          servidoPor: subject.adapter.id,
        });
        expect(outcome.origin.version.token).not.toBe('');
        expect(Date.parse(outcome.origin.version.checkedAt)).not.toBeNaN();
      }
    });

    it('fails each key, and throws nothing, when its source is dead', async () => {
      subject.conduct('MUERTA');

      const outcomes = [...(await read()).values()];

      expect(outcomes).toHaveLength(subject.keys.length);
      for (const outcome of outcomes) {
        if (outcome.at !== 'failed') throw new Error('a dead source answered');
        const { code, sistema, retryable, mensaje } = outcome.error;
        expect(sistema).toBe(subject.registro.sistema);
        expect(retryable).toBe(RETRYABLE_BY_CODE[code]);
        expect(mensaje).not.toBe('');
      }
    });

    it('asks nothing and fails each key when the request has ended', async () => {
      const before = subject.calls();
      const outcomes = [...(await read(subject.keys, contextOf(AbortSignal.abort()))).values()];

      expect(outcomes.map(({ at }) => at)).toEqual(subject.keys.map(() => 'failed'));
      expect(subject.calls()).toBe(before);
    });

    it('asks nothing for no keys', async () => {
      const before = subject.calls();

      expect((await read([])).size).toBe(0);
      expect(subject.calls()).toBe(before);
    });

    it('asks as often for all keys as for one', async () => {
      const start = subject.calls();
      await read(subject.keys.slice(0, 1));
      const one = subject.calls() - start;
      await read();

      const most = subject.callPerKey === undefined ? one : one * subject.keys.length;
      expect(subject.calls() - start - one).toBeLessThanOrEqual(most);
    });

    it('declares capabilities that its registros have', () => {
      for (const registro of subject.adapter.registros) {
        const { accesos, maxKeys, measure } = subject.adapter.capabilities(registro);

        expect(Object.keys(registro.accesos)).toEqual(expect.arrayContaining([...accesos]));
        expect(maxKeys).toBeGreaterThan(0);
        if (Object.keys(registro.medidas).length === 0) expect(measure).toBe('none');
      }
    });

    it('walks over all records to an end, and goes on from where a walk stopped', async () => {
      const keys: (string | undefined)[] = [];
      let resume: string | null = null;
      do {
        // One chunk per walk: each begins where the last one stopped.
        let next: string | null = null;
        for await (const chunk of subject.adapter.scan(
          subject.registro,
          null,
          resume,
          contextOf(),
        )) {
          keys.push(...chunk.rows.map((row) => keyOfFila(row, subject.registro.clave)));
          next = chunk.resume;
          break;
        }
        resume = next;
      } while (resume !== null);
      const known = [...foundOf(await read()).values()].flat();

      expect(new Set(keys).size).toBe(keys.length);
      expect(keys).toEqual(
        expect.arrayContaining(known.map((row) => keyOfFila(row, subject.registro.clave))),
      );
    });

    it('reports its state without asking its source, and may be closed twice', async () => {
      const before = subject.calls();

      expect(Array.isArray(subject.adapter.estado().avisos)).toBe(true);
      expect(subject.calls()).toBe(before);
      await subject.adapter.close();
      await expect(subject.adapter.close()).resolves.toBeUndefined();
    });
  });
}

function accesoOf({ registro, acceso }: Subject) {
  const declared = registro.accesos[acceso];
  if (declared === undefined) throw new TypeError(`${registro.nombre} has no acceso ${acceso}`);
  return declared;
}

function foundOf(byKey: ByKey<Row>): Map<Key, readonly Row[]> {
  return new Map(
    [...byKey].map(([key, outcome]) => {
      if (outcome.at === 'found') return [key, outcome.rows];
      throw new Error(`${key} is ${outcome.at}`);
    }),
  );
}

const sorted = ({ registro }: Subject, byKey: ByKey<Row>): unknown =>
  [...foundOf(byKey).values()]
    .flat()
    .map((row) => [keyOfFila(row, registro.clave), row] as const)
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));

/** Properties that the registro does not declare in this way. */
function misfitsOf(registro: Registro, row: Row): string[] {
  return Object.entries(row).flatMap(([name, value]) => {
    const campo = registro.campos[name];
    if (campo === undefined) return [`${name} is no campo`];
    if (value === undefined) return [];
    if (value === null) return campo.nulo ? [] : [`${name} is null`];
    const isMoney = campo.tipo === 'dinero' || campo.tipo === 'decimal';
    if (isMoney) return typeof value === 'string' && isDecimal(value) ? [] : [`${name} ${value}`];
    const expected = { entero: 'number', logico: 'boolean' }[campo.tipo as string] ?? 'string';
    return typeof value === expected ? [] : [`${name} is a ${typeof value}`];
  });
}
