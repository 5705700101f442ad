import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadTerritorio } from '../../schema/catalogos/territorio.js';
import type { Fila } from '../../schema/registro.js';
import { EntidadSigep } from '../../schema/registros/sigep.js';
import { FakeAdapter } from '../../tests/fake-adapter.js';
import { createIdentidad } from './identidad.js';
import { IdentidadKeeper } from './load-identidad.js';

const territorio = loadTerritorio();
const corte = '2026-01-01T00:00:00.000Z';
const BETANIA = '219105091';
const NIT = '890980123';

const identidadOf = (chip: readonly Fila[], sigep: readonly Fila[]) =>
  createIdentidad(territorio, [
    { sistema: 'chip', corte, rows: chip },
    { sistema: 'sigep', corte, rows: sigep },
  ]);
const chipRow = (codigoChip: string, nombre: string, nit: string, mas: Fila = {}): Fila => ({
  codigoChip,
  nombre,
  nit,
  ...mas,
});
const sigepRow = (
  codigoSigep: string,
  nombre: string,
  naturalezaJuridica: string,
  nit: string | null,
  codigoDane: string | null,
): Fila => ({ codigoSigep, nombre, naturalezaJuridica, nit, codigoDane });
const linkOf = (
  entidad: { vinculos: readonly { sistema: string; confianza: string }[] } | null,
  sistema: string,
) => entidad?.vinculos.find((vinculo) => vinculo.sistema === sistema)?.confianza;

describe('the crosswalk', () => {
  it('knows alcaldías and gobernaciones from the catalog when no register could be read', () => {
    const identidad = createIdentidad(territorio, []);

    expect(identidad.alcaldia('05091')).toMatchObject({
      chip: BETANIA,
      nit: null,
      sigep: null,
      territorio: '05091',
    });
    expect(identidad.gobernacion('05')?.territorio).toBe('05');
    expect(identidad.alcaldia('94885')).toBeNull();
    expect(identidad.corte).toEqual({ chip: null, sigep: null });
  });

  it('links an alcaldía by its NIT and its place, and says how sure it is', () => {
    const identidad = identidadOf(
      [chipRow(BETANIA, 'BETANIA', NIT)],
      [sigepRow('0123', 'ALCALDÍA DE BETANIA', 'ALCALDÍA', NIT, '05091')],
    );
    const alcaldia = identidad.alcaldia('05091');

    expect(alcaldia).toMatchObject({ sigep: '0123', nit: NIT, naturalezaJuridica: 'ALCALDÍA' });
    expect([linkOf(alcaldia, 'chip'), linkOf(alcaldia, 'nit'), linkOf(alcaldia, 'sigep')]).toEqual([
      '1',
      '1',
      '0.95',
    ]);
    expect(identidad.bySigep('0123')).toBe(alcaldia);
    expect(identidad.byNit(NIT)).toBe(alcaldia);
  });

  it('takes no secretaría for the gobernación whose NIT it shares, in whatever order they come', () => {
    const chip = territorio.departamento('05')?.chip ?? '';
    const rows = [
      sigepRow(
        '0201',
        'SECRETARÍA DE EDUCACIÓN DE ANTIOQUIA',
        'SECRETARÍA DE EDUCACIÓN',
        NIT,
        '05',
      ),
      sigepRow('0202', 'GOBERNACIÓN DE ANTIOQUIA', 'GOBERNACIÓN', NIT, '05'),
    ];
    for (const order of [rows, [...rows].reverse()]) {
      const identidad = identidadOf([chipRow(chip, 'ANTIOQUIA', NIT)], order);

      expect(identidad.gobernacion('05')?.sigep).toBe('0202');
      expect(identidad.bySigep('0201')).toMatchObject({
        chip: null,
        nombre: expect.stringContaining('EDUCACIÓN'),
      });
    }
  });

  it('drops no body: a second that would match the same one stands on its own', () => {
    const identidad = identidadOf(
      [chipRow(BETANIA, 'BETANIA', NIT)],
      [
        sigepRow('0123', 'ALCALDÍA DE BETANIA', 'ALCALDÍA', NIT, '05091'),
        sigepRow('0124', 'ALCALDÍA DE BETANIA', 'ALCALDÍA', NIT, '05091'),
      ],
    );

    expect(identidad.alcaldia('05091')?.sigep).toBe('0123');
    expect(identidad.bySigep('0124')).toMatchObject({ chip: null, territorio: '05091' });
    expect(identidad.entidadesDe('05091').map(({ sigep }) => sigep)).toEqual(['0123', '0124']);
  });

  it('links by name and place, with less confidence, only where the NIT says nothing', () => {
    const alcaldia = (nit: string | null) =>
      sigepRow('0123', 'ALCALDÍA DE BETANIA', 'ALCALDÍA', nit, '05091');
    const unknown = identidadOf([], [alcaldia(NIT)]).alcaldia('05091');
    const ofAnother = identidadOf(
      [chipRow('999000001', 'HOSPITAL', NIT), chipRow('999000002', 'OTRO', NIT)],
      [alcaldia(NIT)],
    );

    expect([unknown?.sigep, linkOf(unknown, 'sigep'), linkOf(unknown, 'nit')]).toEqual([
      '0123',
      '0.7',
      '0.7',
    ]);
    expect(ofAnother.alcaldia('05091')?.sigep).toBeNull();
  });

  it('links another body by a NIT that only it has, and less surely than when its name agrees', () => {
    const chip = [chipRow('999000001', 'HOSPITAL SAN ANTONIO', NIT)];
    const confianza = (nombre: string) =>
      linkOf(
        identidadOf(chip, [
          sigepRow('0300', nombre, 'EMPRESA SOCIAL DEL ESTADO', NIT, null),
        ]).byChip('999000001'),
        'sigep',
      );

    expect([confianza('Hospital San Antonio'), confianza('E.S.E. San Antonio')]).toEqual([
      '0.9',
      '0.8',
    ]);
  });

  it('never gives a code without a link that says where it is from', () => {
    const identidad = identidadOf(
      [chipRow(BETANIA, 'BETANIA', NIT), chipRow('999000001', 'HOSPITAL', '900111222')],
      [
        sigepRow('0123', 'ALCALDÍA', 'ALCALDÍA', NIT, '05091'),
        sigepRow('0400', 'INSTITUTO', 'ESTABLECIMIENTO PÚBLICO', '900333444', '05091'),
      ],
    );
    const all = ['05091'].flatMap((codigo) => identidad.entidadesDe(codigo));
    for (const entidad of [...all, identidad.byChip('999000001')]) {
      for (const sistema of ['chip', 'nit', 'sigep'] as const) {
        expect([sistema, linkOf(entidad, sistema) !== undefined]).toEqual([
          sistema,
          entidad?.[sistema] != null,
        ]);
      }
    }
  });

  it('answers a shared NIT with the body that reports budget', () => {
    const identidad = identidadOf(
      [chipRow('999000001', 'CONCEJO', NIT), chipRow(BETANIA, 'BETANIA', NIT)],
      [],
    );

    expect(identidad.byNit(NIT)?.chip).toBe(BETANIA);
  });
});

describe('the keeper of the crosswalk', () => {
  let folder: string;
  let sigep: FakeAdapter;
  let keepers: IdentidadKeeper[];
  const rows = [sigepRow('0123', 'ALCALDÍA DE BETANIA', 'ALCALDÍA', NIT, '05091')];
  const file = () => path.join(folder, 'sigep.json');
  const keeper = () => {
    const made = new IdentidadKeeper({
      territorio,
      registers: [{ sistema: 'sigep', registro: EntidadSigep }],
      adapterOf: () => sigep,
      folder,
      now: () => Date.parse(corte),
    });
    keepers.push(made);
    return made;
  };
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sugit-identidad-'));
    sigep = new FakeAdapter({ id: 'sigep', registros: [EntidadSigep], rowsOf: () => rows });
    keepers = [];
  });
  afterEach(async () => {
    for (const each of keepers) each.close();
    await rm(folder, { recursive: true });
  });

  it('reads the register, keeps a dated copy and no half-written one', async () => {
    const one = keeper();
    expect(await one.refresh()).toBe(true);

    expect(one.current.bySigep('0123')?.chip).toBe(BETANIA);
    expect(one.current.corte['sigep']).toBe(corte);
    expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual({ sistema: 'sigep', corte, rows });
  });

  it('answers from the copy on disk when the source is dead', async () => {
    await keeper().refresh();
    sigep.dead = true;
    const later = keeper();
    await later.open();
    expect(await later.refresh()).toBe(false);

    expect(later.current.bySigep('0123')?.chip).toBe(BETANIA);
  });

  it('stands on the catalog alone when there is neither source nor copy', async () => {
    sigep.dead = true;
    const alone = keeper();
    await alone.open();
    await alone.refresh();

    expect([alone.current.alcaldia('05091')?.chip, alone.current.corte['sigep']]).toEqual([
      BETANIA,
      null,
    ]);
  });

  it.each(['{"sistema":"sigep"', 'null', '{}', '{"sistema":"chip","corte":"x","rows":[]}', '[]'])(
    'opens over a copy that says %s as if there were none',
    async (text) => {
      sigep.dead = true;
      await writeFile(file(), text);
      const over = keeper();
      await over.open();

      expect(over.current.alcaldia('05091')?.chip).toBe(BETANIA);
    },
  );

  it('keeps what it read when it cannot write its copy, and will try again', async () => {
    await mkdir(file(), { recursive: true });
    const full = keeper();

    expect(await full.refresh()).toBe(false);
    expect(full.current.bySigep('0123')?.chip).toBe(BETANIA);
  });

  it('does not let an empty answer take the register away', async () => {
    const one = keeper();
    await one.refresh();
    sigep = new FakeAdapter({ id: 'sigep', registros: [EntidadSigep], rowsOf: () => [] });

    expect(await one.refresh()).toBe(false);
    expect(one.current.bySigep('0123')).not.toBeNull();
  });
});
