import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Adapter } from '../adapters/contract.js';
import { ADAPTERS, createAcopio, type Acopio } from '../adapters/index.js';
import { detallesOf, watchQuarantine } from '../gateway/detalles.js';
import { Metrics } from '../gateway/serve/metrics.js';
import { contextOf } from './adapter-conformance.js';
import { openTestStore, type TestStore } from './store.js';

interface Roto {
  readonly sistema: string;
  readonly archivo: string;
  readonly contenido: string;
  readonly linea: number | null;
  /** Part of the motivo. */
  readonly motivo: string;
  /** A key of the first registro that only this file could answer. */
  readonly key: string;
}

const SD = 'S\t219105091\t11012\t2019';
const ENCABEZADO_ERP =
  'Fondo,Centro Gestor,Posicion Presupuestaria,Area Funcional,Proyecto,Nombre,Ppto Inicial,Reducciones,Adiciones,' +
  'Creditos,Contracreditos,Total Ppto actual,Disponibilidad,Compromiso,Factura,Pagos,Disponible neto,Ejecucion,% ejecucion';
const ENCABEZADO_SIIF =
  'UEJ,NOMBRE UEJ,RUBRO,TIPO,CTA,SUBCTA,OBJ,ORD,SORORD,ITEM,SUBITEM,SUBITEM 2,FUENTE,REC,SIT,DESCRIPCION,APR. INICIAL,' +
  'APR. ADICIONADA,APR. REDUCIDA,APR. VIGENTE,APR BLOQUEADA,CDP,APR. DISPONIBLE,COMPROMISO,OBLIGACION,ORDEN PAGO,PAGOS';
/** By adapter with a drop folder: the test fails for a new one that is not here. */
const ROTOS: Readonly<Record<string, Roto>> = {
  cuipo: {
    sistema: 'cuipo',
    archivo: 'volcado.csv',
    contenido: 'PERIODO,CODIGO_ENTIDAD,CUENTA,tipo\n1,2\n',
    linea: 2,
    motivo: 'campos',
    key: '219105091|2023',
  },
  fut: {
    sistema: 'fut',
    archivo: 'ingresos.txt',
    contenido: `${SD}\tINGRESOS\r\nX\tnada\r\n`,
    linea: 2,
    motivo: 'no es S ni D',
    key: '219105091|2019',
  },
  'fut-cierre': {
    sistema: 'fut',
    archivo: 'cierre.txt',
    contenido: `${SD}\tFUT_CIERRE_FISCAL\r\nX\tnada\r\n`,
    linea: 2,
    motivo: 'no es S ni D',
    key: '219105091|2019',
  },
  sigep: {
    sistema: 'sigep',
    archivo: 'consultaGeneralDeEntidades_20260413.csv',
    contenido: 'Código SIGEP,Otra\n1,2\n',
    linea: 1,
    motivo: 'Faltan columnas',
    key: '1',
  },
  erp: {
    sistema: 'erp',
    archivo: '219105091_2025-06_x.csv',
    contenido: `${ENCABEZADO_ERP}\n1,70\n`,
    linea: 2,
    motivo: 'campos',
    key: '219105091|2025|6',
  },
  siif: {
    sistema: 'siif',
    archivo: 'ejecucion_agregada_2024-12-31.csv',
    contenido: `${ENCABEZADO_SIIF}\n22-01-01,MEN\n`,
    linea: 2,
    motivo: 'campos',
    key: '2024',
  },
  mipg: {
    sistema: 'mipg',
    archivo: 'Resultados_vig2023_nacion.xlsx',
    contenido: 'PK roto',
    linea: null,
    motivo: 'libro',
    key: '1|2023',
  },
};

const registrations = ADAPTERS.filter(({ settings }) =>
  settings.some(({ name }) => name.endsWith('_DROP_DIR')),
);
/** A system that was retired has no file to break. */
const CASOS = Object.entries(ROTOS).filter(([adapter]) =>
  registrations.some(({ id }) => id === adapter),
);

const filesBySistema = (): Record<string, number> => {
  const files: Record<string, number> = {};
  for (const [, { sistema }] of CASOS) files[sistema] = (files[sistema] ?? 0) + 1;
  return files;
};

describe('a broken file of each system with a drop folder', () => {
  const metrics = new Metrics();
  const folders: string[] = [];
  const adapters = new Map<string, Adapter>();
  let store: TestStore;
  let acopio: Acopio;

  beforeAll(async () => {
    store = await openTestStore();
    acopio = createAcopio(store, { now: Date.now });
    const tools = { now: Date.now, observer: metrics.observer, acopio, store };
    for (const { id, settings, create } of registrations) {
      const roto = ROTOS[id];
      if (roto === undefined) continue;
      const folder = await mkdtemp(path.join(tmpdir(), 'sugit-roto-'));
      folders.push(folder);
      await writeFile(path.join(folder, roto.archivo), roto.contenido);
      // Nobody listens there: what the folder says is all that there is.
      const values = settings.map(({ name, default: usual }): [string, string | undefined] => {
        if (name.endsWith('_DROP_DIR')) return [name, folder];
        return [name, name.endsWith('_BASE_URL') ? 'http://127.0.0.1:1' : usual];
      });
      const adapter = create(Object.fromEntries(values), tools);
      adapters.set(id, adapter);
      const [registro] = adapter.registros;
      const [acceso = ''] = Object.keys(registro?.accesos ?? {});
      if (registro !== undefined) await adapter.read(registro, acceso, [roto.key], contextOf());
    }
    watchQuarantine(metrics.registry, adapters, acopio);
  }, 60_000);
  afterAll(async () => {
    for (const adapter of adapters.values()) await adapter.close();
    await store.close();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  it('is tried for every one of them', () => {
    expect(registrations.map(({ id }) => id).sort()).toEqual(CASOS.map(([id]) => id).sort());
  });

  it.each(CASOS)(
    'is told by %s with its motivo and line, in the same words',
    async (id, { archivo, linea, motivo, sistema }) => {
      const avisos = adapters.get(id)?.estado().avisos ?? [];
      const detalles = await detallesOf(adapters, acopio);

      const own = avisos.filter(({ codigo }) => codigo === 'SOURCE_QUARANTINED');
      const parte = detalles
        .flatMap(({ partes }) => partes)
        .find((one) => one.id.endsWith(archivo));
      expect(own.map(({ donde }) => donde)).toEqual([archivo]);
      expect(parte?.quarantine).toMatchObject({ linea, motivo: expect.stringContaining(motivo) });
      const at = linea === null ? '' : ` (línea ${String(linea)})`;
      expect(own[0]?.mensaje).toBe(`${parte?.quarantine?.motivo ?? ''}${at}`);
      const tried = filesBySistema()[sistema] ?? 0;
      const labels = `{sistema="${sistema}",code="SOURCE_QUARANTINED"}`;
      expect(await metrics.registry.metrics()).toContain(
        `sugit_source_errors_total${labels} ${String(tried)}\n`,
      );
    },
  );

  it('is counted by system as long as it lies there', async () => {
    const text = await metrics.registry.metrics();

    const counts = [
      ...text.matchAll(/^sugit_source_quarantined_files\{sistema="(\w+)"\} (\d+)$/gm),
    ];
    expect(Object.fromEntries(counts.map(([, sistema, n]) => [sistema, Number(n)]))).toMatchObject(
      filesBySistema(),
    );
  });
});
