import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RecordStore } from '../../adapters/contract.js';
import { createUnico } from '../../adapters/unico/index.js';
import type { Registro } from '../../schema/registro.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Tramo } from '../route/tramo.js';
import { archivoDirOf, rootsOf, writeArchivo } from './archivo.js';
import { runCenso, type Censo } from './censo.js';
import { issueCertificado, verifyCertificado, type Certificado } from './certificado.js';
import { openFirmante, verifyFirma } from './firma.js';
import { importArchivos, type Importado } from './importar-archivo.js';
import { loadEvidencia, loadTramos, loadTransiciones } from './store.js';
import { FASES } from '../route/tramo.js';
import type { Tarea } from './tarea.js';
import { contextOf } from './tarea.js';
import { filaAt, filasTo, openTarea, registroOf, tramoOf, versionAt, Viejo } from './testing.js';

const NOW = Date.UTC(2026, 8, 1);
const now = (): number => NOW;
const { signal } = new AbortController();

const stores: TestStore[] = [];
let dataDir: string;
let registro: Registro;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'sugit-archivo-'));
  registro = registroOf('Archivada');
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await rm(dataDir, { recursive: true, force: true });
});

async function openStore(): Promise<{ store: TestStore; unico: RecordStore }> {
  const store = await openTestStore();
  stores.push(store);
  return { store, unico: createUnico({ store, now, registros: [registro] }) };
}

interface Proven {
  readonly tarea: Tarea;
  readonly censo: Censo;
  readonly certificado: Certificado;
}

/** A tramo of a hundred records that is equal on both sides, with its certificate. */
async function prove(): Promise<Proven> {
  const { store, unico } = await openStore();
  const rows = filasTo(100);
  const tramo = tramoOf(registro, { fase: 'primary' });
  const tarea = await openTarea(store, registro, new Viejo(registro, rows), { unico, tramo, now });
  await unico.ingest(registro, { rows, version: versionAt(1) }, null, contextOf(tarea));
  const censo = await runCenso(tarea);
  const firmante = await openFirmante(dataDir);
  const certificado = await issueCertificado({ store, tramo, registro, censo, firmante, now });
  return { tarea, censo, certificado };
}

async function archive({ tarea }: Proven, fase: Tramo['fase'] = 'retired'): Promise<string> {
  const { store, unico, tramo } = tarea;
  const firmante = await openFirmante(dataDir);
  const faseDesde = new Date(NOW).toISOString();
  const state = { ...tramo, fase };
  const { dir } = await writeArchivo({
    store,
    unico,
    registro,
    tramo: state,
    faseDesde,
    dataDir,
    firmante,
    now,
    signal,
  });
  return dir;
}

describe('the key of an installation', () => {
  it('is made once, whoever asks at the same moment, and only its owner reads it', async () => {
    const kids = (await Promise.all([1, 2, 3].map(() => openFirmante(dataDir)))).map(
      ({ kid }) => kid,
    );
    const again = await openFirmante(dataDir);

    expect(new Set([...kids, again.kid]).size).toBe(1);
    const { mode } = await stat(path.join(dataDir, 'firma', 'ed25519.pem'));
    expect(mode & 0o077).toBe(0);
    const pub = await readFile(path.join(dataDir, 'firma', 'ed25519.pub.pem'), 'utf8');
    expect(pub).toContain('PUBLIC KEY');
  });

  it('signs one kind of document, which no other passes for', async () => {
    const firmante = await openFirmante(dataDir);
    const { publica } = firmante;
    const jws = await firmante.sign('a+json', new TextEncoder().encode('{}'));

    await expect(verifyFirma(jws, publica, 'a+json')).resolves.toMatchObject({});
    await expect(verifyFirma(jws, publica, 'b+json')).rejects.toThrow(TypeError);
  });
});

describe('a parity certificate', () => {
  it('says what was compared, and is kept as evidence', async () => {
    const { tarea, censo, certificado } = await prove();

    expect(await verifyCertificado(certificado)).toMatchObject({
      valido: true,
      cuerpo: {
        tramo: tarea.tramo.id,
        conteos: { viejo: 100, nuevo: 100, iguales: 100 },
        raices: { viejo: censo.raizViejo, nuevo: censo.raizViejo },
        versiones: { mapeo: 1, comparadores: 1, fuente: 'v1' },
      },
    });
    const evidencias = await loadEvidencia(tarea.store, tarea.tramo.id);
    expect(evidencias.find(({ tipo }) => tipo === 'certificado')?.valor).toMatchObject({
      raiz: censo.raizNuevo,
    });
  });

  it('is worth nothing once a word of it was changed, or for whom its key is not trusted', async () => {
    const { certificado } = await prove();
    const { kid } = await openFirmante(dataDir);
    const changed = { ...certificado, cuerpo: { ...certificado.cuerpo, tramo: 'otro' } };
    const half = { ...certificado, firma: certificado.firma.slice(0, -4) };

    const verdicts = await Promise.all([
      verifyCertificado(certificado, [kid]),
      verifyCertificado(certificado, ['otra']),
      verifyCertificado(changed),
      verifyCertificado(half),
      verifyCertificado({}),
    ]);

    expect(verdicts.map(({ valido }) => valido)).toEqual([true, false, false, false, false]);
  });

  it('is refused for a census that found differences or did not end', async () => {
    const { tarea, censo } = await prove();
    const firmante = await openFirmante(dataDir);
    const issue = (found: Censo) =>
      issueCertificado({ ...tarea, censo: found, firmante }).catch((error: unknown) => error);

    for (const bad of [
      { ...censo, distintas: 1 },
      { ...censo, estado: 'incompleto' as const },
      { ...censo, paginasOmitidas: 1 },
    ]) {
      expect(await issue(bad)).toMatchObject({ code: 'PARITY_NOT_PROVEN' });
    }
  });
});

describe('the archive of a retired tramo', () => {
  it('brings a fresh store to the same records, tramo, trail and certificate', async () => {
    const proven = await prove();
    await archive(proven);
    const { store, unico } = await openStore();
    const dir = path.join(dataDir, 'archivo');
    const options = { store, unico, registros: [registro], dir, now, signal };

    const first = await importArchivos(options);
    const second = await importArchivos(options);

    const { id } = proven.tarea.tramo;
    expect(first).toEqual([{ tramo: id, estado: 'importado', motivo: null, filas: 100 }]);
    expect(second).toEqual([{ tramo: id, estado: 'presente', motivo: null, filas: 0 }]);
    const [row] = await loadTramos(store, FASES);
    expect(row?.tramo).toMatchObject({ id, fase: 'retired', nuevo: 'unico' });
    expect(await loadTransiciones(store, id)).toHaveLength(1);
    const ctx = contextOf(proven.tarea);
    expect((await rootsOf(unico, registro, proven.tarea.tramo, ctx)).raiz).toBe(
      proven.censo.raizNuevo,
    );
  });

  it('is not written again for a change of phase: its records stand, and its state is news', async () => {
    const proven = await prove();
    const { store, unico } = proven.tarea;
    let exports = 0;
    const tarea: Tarea = {
      ...proven.tarea,
      unico: {
        ...unico,
        exportArchive: (...args) => {
          exports += 1;
          return unico.exportArchive(...args);
        },
      },
    };
    const dir = await archive({ ...proven, tarea }, 'primary');
    const faseOf = async (): Promise<string> => {
      const { cuerpo } = JSON.parse(await readFile(path.join(dir, 'tramo.json'), 'utf8')) as {
        cuerpo: { tramo: Tramo };
      };
      return cuerpo.tramo.fase;
    };
    await archive({ ...proven, tarea }, 'primary');
    expect([exports, await faseOf()]).toEqual([2, 'primary']);

    await archive({ ...proven, tarea });

    expect([exports, await faseOf()]).toEqual([2, 'retired']);
    expect((await loadEvidencia(store, tarea.tramo.id)).map(({ tipo }) => tipo)).toContain(
      'archivo',
    );

    const [name = ''] = (await readdir(dir)).filter((one) => one.endsWith('.gz'));
    const file = path.join(dir, name);
    await writeFile(file, 'otra cosa');
    await archive({ ...proven, tarea });

    expect(exports).toBe(3);
    expect((await readFile(file)).length).toBeGreaterThan(100);
  });

  it('is refused when the new side is no more what was certified, and the earlier one stays', async () => {
    const proven = await prove();
    const dir = await archive(proven);
    const { unico } = proven.tarea;
    const later = { rows: [filaAt(0, { pagos: '9' })], version: versionAt(2) };
    await unico.ingest(registro, later, null, contextOf(proven.tarea));

    await expect(archive(proven)).rejects.toMatchObject({ code: 'ARCHIVE_DIFFERS' });

    const kept = await readFile(path.join(dir, 'manifest.json'), 'utf8');
    expect(kept).toContain(proven.certificado.cuerpo.raices.archivo);
  });

  it.each([
    ['changed records', 'archivada.ndjson.gz', () => 'nada'],
    [
      'a changed cohort',
      'tramo.json',
      (t: string) => t.replace('"cohorte": {}', '"cohorte": {"a":{"en":[]}}'),
    ],
    [
      'a changed certificate',
      'certificado.json',
      (t: string) => t.replace('"iguales": 100', '"iguales": 101'),
    ],
    ['another manifest', 'manifest.json', (t: string) => t.replace(/"raiz": "\w/, '"raiz": "z')],
    ['a file that is no JSON', 'tramo.json', () => '{'],
  ])('is refused with its reason for %s, and routes nothing', async (_title, file, change) => {
    const dir = await archive(await prove());
    const target = path.join(dir, file);
    await writeFile(target, change(await readFile(target, 'utf8')));
    const { store, unico } = await openStore();

    const [result] = await importArchivos({
      store,
      unico,
      registros: [registro],
      dir,
      now,
      signal,
    });

    expect(result).toMatchObject({ estado: 'rechazado' } satisfies Partial<Importado>);
    expect(result?.motivo).toMatch(/\w/);
    expect(await loadTramos(store, FASES)).toEqual([]);
  });

  it('is refused while its tramo is not retired, and where there is none', async () => {
    const dir = await archive(await prove(), 'primary');
    const { store, unico } = await openStore();
    const options = { store, unico, registros: [registro], now, signal };

    const results = [
      ...(await importArchivos({ ...options, dir })),
      ...(await importArchivos({ ...options, dir: path.join(dataDir, 'firma') })),
    ];

    expect(results.map(({ motivo }) => motivo)).toEqual([
      'el tramo está en primary, no retirado',
      'no hay ningún archivo en la carpeta',
    ]);
  });

  it('lies in a folder that no name of a tramo leads out of', () => {
    for (const id of ['..', '.', 'a:b', 'a.b']) {
      const dir = archivoDirOf('datos', id);
      expect(path.dirname(dir)).toBe(path.join('datos', 'archivo'));
    }
  });
});
