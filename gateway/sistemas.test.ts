import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AdapterEstado, Origin } from '../adapters/contract.js';
import {
  AdapterError,
  BudgetExceededError,
  InsufficientCapabilityError,
  SourceUnavailableError,
  SourceWithdrawnError,
  toSourceError,
} from '../adapters/errors.js';
import { defineRegistro } from '../schema/registro.js';
import { byAcceso } from '../subgraphs/subgraph.js';
import { tramoOf } from './route/testing.js';
import type { AnyOutcome } from './rows/outcome.js';
import { Cifra, originOf } from './rows/testing.js';
import { retiredSistemas, SistemasBoard } from './sistemas.js';

const registroOf = (nombre: string) => defineRegistro({ ...Cifra, nombre, sistema: 'piip' });
const [UNO, OTRO] = [registroOf('Uno'), registroOf('Otro')];

describe('the state of a system', () => {
  let board: SistemasBoard;
  let now: number;
  let avisos: AdapterEstado['avisos'];
  let retired: ReadonlySet<string>;
  beforeEach(() => {
    now = Date.parse('2026-01-01T00:00:00Z');
    avisos = [];
    retired = new Set();
    board = new SistemasBoard({
      now: () => (now += 1_000),
      avisosOf: (id) => (id === 'piip' ? avisos : []),
      retired: () => retired,
    });
  });

  const answers = async (registro: typeof UNO, ...outcomes: readonly AnyOutcome[]) => {
    const keys = outcomes.map((_outcome, i) => String(i));
    const byKey = new Map(outcomes.map((outcome, i) => [String(i), outcome]));
    const ask = board.watch(() => Promise.resolve(byKey));
    await ask(byAcceso(registro, 'porEntidad'), keys, {} as never);
  };
  const found = (mas: Partial<Origin> = {}): AnyOutcome => ({
    at: 'absent',
    origin: { ...originOf('piip'), ...mas },
  });
  const failed = (error: AdapterError): AnyOutcome => ({
    at: 'failed',
    error: toSourceError(error),
  });
  const dead = failed(new SourceUnavailableError('piip'));
  const estado = () => board.estados().find(({ id }) => id === 'piip');

  it('is not known before anybody asked, and says so', () => {
    expect(estado()).toMatchObject({
      estado: 'SIN_VERIFICAR',
      verificado: null,
      corte: null,
      mensaje: expect.stringContaining('Ninguna consulta'),
    });
  });

  it('is what answered: live, or the copy of its files, with its dates', async () => {
    const version = {
      token: 'v',
      checkedAt: '2026-01-01T00:00:05Z',
      sourceTime: '2025-12-01T00:00:00Z',
    };
    await answers(UNO, found({ modo: 'ACOPIO', version }));
    expect(estado()).toMatchObject({
      estado: 'ACOPIO',
      verificado: version.checkedAt,
      corte: version.sourceTime,
      mensaje: null,
    });

    await answers(OTRO, found());
    expect(estado()?.estado).toBe('EN_LINEA');
  });

  it('is out of date while the freshness of an answer could not be verified', async () => {
    const version = { token: 'v', checkedAt: '2026-01-01T00:00:05Z', stale: true };
    await answers(UNO, found({ version }));

    expect(estado()).toMatchObject({
      estado: 'DESACTUALIZADO',
      verificado: version.checkedAt,
      mensaje: expect.stringContaining('CifraDePrueba'),
    });
  });

  it.each([
    ['CAIDO', 'SOURCE_UNAVAILABLE'],
    ['RETIRADO_POR_LA_FUENTE', 'SOURCE_WITHDRAWN'],
    ['DESACTUALIZADO', 'SOURCE_QUARANTINED'],
  ] as const)(
    'is %s when that is how it failed, and names what failed and since when',
    async (name, code) => {
      await answers(OTRO, found());
      await answers(UNO, failed(new AdapterError(code, 'piip', 'Falla.')));

      expect(estado()).toMatchObject({
        estado: name,
        verificado: originOf('piip').version.checkedAt,
        mensaje: expect.stringMatching(new RegExp(`${code}, Uno, visto 2026-01-01T00:00`)),
      });
    },
  );

  it('is up again once anything of it answers, but a closed dataset stays closed', async () => {
    await answers(UNO, dead);
    await answers(OTRO, found());
    expect(estado()?.estado).toBe('EN_LINEA');

    await answers(UNO, failed(new SourceWithdrawnError('piip')));
    await answers(OTRO, found());
    expect(estado()?.estado).toBe('RETIRADO_POR_LA_FUENTE');

    await answers(UNO, found());
    expect(estado()?.estado).toBe('EN_LINEA');
  });

  it('does not follow from one key that failed beside others', async () => {
    await answers(UNO, dead, found());

    expect(estado()?.estado).toBe('EN_LINEA');
  });

  it('does not follow from what a reader asked wrongly or too much of', async () => {
    await answers(UNO, failed(new InsufficientCapabilityError('piip')));
    await answers(OTRO, failed(new BudgetExceededError('piip')));

    expect(estado()?.estado).toBe('SIN_VERIFICAR');
  });

  it('does not follow from what the single store answers for it', async () => {
    await answers(UNO, found({ modo: 'ALMACEN', servidoPor: 'unico' }));

    expect(estado()?.estado).toBe('SIN_VERIFICAR');
  });

  it('follows from what its adapter knows by itself, and names the file', async () => {
    await answers(UNO, found({ modo: 'ACOPIO' }));
    avisos = [
      { codigo: 'MUESTRA', mensaje: 'Es una muestra.', donde: 'a.csv' },
      { codigo: 'SOURCE_QUARANTINED', mensaje: 'Línea cortada.', donde: 'b.csv' },
      { codigo: 'SOURCE_QUARANTINED', mensaje: 'Vacío.', donde: 'c.csv' },
    ];

    expect(estado()).toMatchObject({
      estado: 'DESACTUALIZADO',
      mensaje: 'b.csv: Línea cortada. (y 1 más)',
    });
  });

  it('is DESMONTADO once nothing of it is left to read, whatever it said before', async () => {
    await answers(UNO, dead);
    retired = new Set(['piip']);

    expect(estado()?.estado).toBe('DESMONTADO');
  });
});

describe('a retired system', () => {
  const whole = (registro: string) => tramoOf({ fase: 'retired', registro, cohorte: {} });
  const retiredBy = (...tramos: readonly ReturnType<typeof tramoOf>[]) => [
    ...retiredSistemas([UNO, OTRO], [UNO, OTRO], tramos),
  ];

  it('is one all of whose registros are retired whole', () => {
    expect(retiredBy(whole('Uno'))).toEqual([]);
    expect(
      retiredBy(
        whole('Uno'),
        tramoOf({ fase: 'retired', registro: 'Otro', cohorte: { entidad: { en: ['05'] } } }),
      ),
    ).toEqual([]);
    expect(
      retiredBy(whole('Uno'), tramoOf({ fase: 'draining', registro: 'Otro', cohorte: {} })),
    ).toEqual([]);
    expect(retiredBy(whole('Uno'), whole('Otro'))).toEqual(['piip']);
  });

  it('is still one after its adapter was deleted', () => {
    expect([...retiredSistemas([], [UNO, OTRO], [whole('Uno'), whole('Otro')])]).toEqual(['piip']);
    expect([...retiredSistemas([], [UNO, OTRO], [])]).toEqual([]);
  });
});
