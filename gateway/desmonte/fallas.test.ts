import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Clase } from '../route/comparadores.js';
import type { Tramo } from '../route/tramo.js';
import { Bitacora } from './bitacora.js';
import { claveDigest } from './clave-digest.js';
import { Fallas, preguntaOf } from './fallas.js';
import { MAX_PENDING } from './flush-parts.js';
import { gatherComparacion } from './reunir.js';
import { DESMONTE_MIGRATIONS, DESMONTE_OWNER } from './tables.js';
import { registroOf, tramoOf } from './testing.js';

let tramos = 0;
let tramo: Tramo;
const T0 = Date.parse('2026-09-01T12:00:00.000Z');
const at = (ms: number): string => new Date(T0 + ms).toISOString();
/** A question put at an instant. */
const asked = (ms: number, key = 'k', of: Tramo = tramo) => preguntaOf(of, 'read x', key, at(ms));

let store: TestStore;

const comparacion = (of: Tramo = tramo) => gatherComparacion(store, of);
const nextTramo = (): Tramo => tramoOf(registroOf(`Fallida${++tramos}`), { fase: 'shadow' });
const ledger = () =>
  store.query<{ clase: Clase; veces: number; primera: string; ultima: string; resuelta: string }>(
    'select clase, veces, primera, ultima, resuelta from falla where tramo = $1 order by clave_digest',
    [tramo.id],
  );

beforeAll(async () => {
  store = await openTestStore();
  await store.migrate(DESMONTE_OWNER, DESMONTE_MIGRATIONS);
});
afterAll(() => store.close());
beforeEach(() => {
  tramo = nextTramo();
});

describe('a question that a side failed to answer', () => {
  it('counts against the slice', async () => {
    const bitacora = new Bitacora();
    bitacora.noteFalla(asked(0, 'a'), 'new_error');
    bitacora.noteFalla(asked(0, 'b'), 'timeout');
    bitacora.noteFalla(asked(0, 'c'), 'legacy_error');

    await bitacora.flush(store, at(10));

    expect(await comparacion()).toMatchObject({ n: 2, k: 2, excluidas: 1 });
  });

  it('counts no more once both sides answered it, and stays as history', async () => {
    const bitacora = new Bitacora();
    bitacora.noteFalla(asked(0), 'timeout');
    bitacora.noteFalla(asked(1), 'new_error');
    bitacora.noteRespondida(asked(2));

    await bitacora.flush(store, at(10));

    expect(await comparacion()).toMatchObject({ n: 0, k: 0, excluidas: 1 });
    expect(await ledger()).toEqual([
      { clase: 'new_error', veces: 2, primera: at(0), ultima: at(1), resuelta: at(2) },
    ]);
  });

  it.each([
    ['in one writing', false],
    ['in two writings', true],
  ])('counts when it failed after it had been answered, %s', async (_how, isApart) => {
    const bitacora = new Bitacora();
    bitacora.noteFalla(asked(0), 'new_error');
    bitacora.noteRespondida(asked(1));
    if (isApart) await bitacora.flush(store, at(2));
    bitacora.noteFalla(asked(3), 'new_error');
    await bitacora.flush(store, at(4));

    expect(await comparacion()).toMatchObject({ n: 1, k: 1 });
  });

  it('is judged in the order of what happened where one instant holds it all', async () => {
    const bitacora = new Bitacora();
    bitacora.noteFalla(asked(0), 'new_error');
    bitacora.noteRespondida(asked(0));
    await bitacora.flush(store, at(0));
    expect((await comparacion()).k).toBe(0);

    bitacora.noteFalla(asked(0), 'new_error');
    await bitacora.flush(store, at(0));

    expect((await comparacion()).k).toBe(1);
  });

  it('stands for its key: a total that compared well before is not one key more', async () => {
    const bitacora = new Bitacora();
    const equal = { clase: 'equal', regla: null, campos: [] } as const;
    const claveDelTotal = claveDigest(tramo, '@read x|k');
    bitacora.note({
      tramo,
      claveDigest: claveDelTotal,
      ruta: '',
      rechequeo: 0,
      comparacion: equal,
    });
    bitacora.noteFalla(asked(1), 'new_error');
    await bitacora.flush(store, at(2));
    expect(await comparacion()).toMatchObject({ n: 1, k: 1 });

    bitacora.noteRespondida(asked(3));
    await bitacora.flush(store, at(4));

    expect(await comparacion()).toMatchObject({ n: 1, k: 0 });
  });

  it('says nothing of other versions, and no answer of them settles it', async () => {
    const bitacora = new Bitacora();
    const other = { ...tramo, mappingVersion: 2 };
    bitacora.noteFalla(asked(0), 'new_error');
    bitacora.noteRespondida(asked(1, 'k', other));
    await bitacora.flush(store, at(2));

    expect(await comparacion(other)).toMatchObject({ n: 0, k: 0 });
    expect(await comparacion()).toMatchObject({ n: 1, k: 1 });
  });
});

describe('settling', () => {
  it('holds when it is done twice', async () => {
    const bitacora = new Bitacora();
    bitacora.noteFalla(asked(0), 'new_error');
    bitacora.noteRespondida(asked(1));
    await bitacora.flush(store, at(2));
    const before = await ledger();

    bitacora.noteRespondida(asked(3));
    await bitacora.flush(store, at(4));
    await bitacora.flush(store, at(5));

    expect(await ledger()).toEqual(before);
  });

  it('survives a restart between the failure and the answer', async () => {
    const before = new Bitacora();
    before.noteFalla(asked(0), 'new_error');
    await before.flush(store, at(1));
    store = await store.reopen();
    const after = new Bitacora();

    after.noteRespondida(asked(2));
    await after.flush(store, at(3));

    expect(await comparacion()).toMatchObject({ k: 0, excluidas: 1 });
  });

  it.each([
    ['the one that failed', 'the one that answered', true],
    ['the one that answered', 'the one that failed', false],
  ])('holds over two instances when %s writes before %s', async (_a, _b, isInOrder) => {
    const [failing, answering] = [new Bitacora(), new Bitacora()];
    failing.noteFalla(asked(0), 'new_error');
    answering.noteRespondida(asked(1_000));

    const inTurn = isInOrder ? [failing, answering] : [answering, failing];
    for (const bitacora of inTurn) await bitacora.flush(store, at(2_000));
    await answering.flush(store, at(12_000));

    expect(await comparacion()).toMatchObject({ k: 0, excluidas: 1 });
  });

  it.each([
    ['the one that failed', 'the one that answered', true],
    ['the one that answered', 'the one that failed', false],
  ])(
    'leaves a later failure of another instance when %s writes before %s',
    async (_a, _b, isFirst) => {
      const [failing, answering] = [new Bitacora(), new Bitacora()];
      answering.noteRespondida(asked(0));
      failing.noteFalla(asked(1_000), 'new_error');

      const inTurn = isFirst ? [failing, answering] : [answering, failing];
      for (const bitacora of inTurn) await bitacora.flush(store, at(2_000));
      await answering.flush(store, at(12_000));

      expect(await comparacion()).toMatchObject({ n: 1, k: 1 });
    },
  );

  it('holds no more than so many in memory: what finds no room goes on counting', async () => {
    const fallas = new Fallas();
    for (let i = 0; i <= MAX_PENDING; i++) fallas.failed(asked(0, `f${i}`), 'new_error');
    expect(fallas.perdidas).toBe(1);

    for (let i = 0; i <= MAX_PENDING; i++) fallas.answered(asked(1, `f${i}`));
    await fallas.flush(store, at(2));

    const open = await store.query('select 1 from falla where resuelta is null and tramo = $1', [
      tramo.id,
    ]);
    expect(open).toHaveLength(1);
  }, 60_000);

  it('asks the store nothing while it was noted nothing, and once for all while nothing failed', async () => {
    const texts: string[] = [];
    const session = {
      query: (text: string) => {
        texts.push(text);
        return Promise.resolve([]);
      },
    };
    const fallas = new Fallas();
    await fallas.flush(session, at(0));
    expect(texts).toEqual([]);
    for (let i = 0; i < 5_000; i++) fallas.answered(asked(0, `k${i}`));

    await fallas.flush(session, at(1));

    expect(texts).toHaveLength(1);
  });
});

it('takes over what earlier versions kept among the comparisons', async () => {
  const old = await openTestStore();
  try {
    await old.migrate(DESMONTE_OWNER, DESMONTE_MIGRATIONS.slice(0, 4));
    for (const [clave, clase] of [
      ['a', 'equal'],
      ['b', 'new_error'],
      ['c', 'legacy_error'],
    ] as const)
      await old.query(
        `insert into comparado (tramo, mapping_version, comparator_version, clave_digest, ruta, clase, primera, ultima, veces)
        values ($1, 1, 1, $2, '', $3, $4, $4, 3)`,
        [tramo.id, claveDigest(tramo, `@read x|${clave}`), clase, at(0)],
      );

    await old.migrate(DESMONTE_OWNER, DESMONTE_MIGRATIONS);

    expect(await gatherComparacion(old, tramo)).toMatchObject({ n: 2, k: 1, excluidas: 1 });
    const bitacora = new Bitacora();
    bitacora.noteRespondida(asked(1, 'b'));
    await bitacora.flush(old, at(2));
    expect(await gatherComparacion(old, tramo)).toMatchObject({ n: 1, k: 0, excluidas: 2 });
  } finally {
    await old.close();
  }
});
