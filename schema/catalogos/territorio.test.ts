import { describe, expect, it } from '@jest/globals';
import { chipByRule } from '../values/chip.js';
import { loadTerritorio } from './territorio.js';

const territorio = loadTerritorio();

describe('the catalog of territories', () => {
  it('has the 1,122 units of DIVIPOLA in 33 departments, each unit once', () => {
    const members = territorio.departamentos.flatMap((departamento) => departamento.municipios);

    expect(territorio.municipios).toHaveLength(1122);
    expect(territorio.departamentos).toHaveLength(33);
    expect(new Set(members).size).toBe(1122);
    expect(members).toHaveLength(1122);
    expect(territorio.departamentos.every((d) => d.municipios.includes(d.capital))).toBe(true);
  });

  it('knows a municipality with its category, place and CHIP entity', () => {
    expect(territorio.municipio('05091')).toEqual({
      nivel: 'municipio',
      codigo: '05091',
      nombre: 'BETANIA',
      tipo: 'MUNICIPIO',
      departamento: '05',
      latitud: expect.closeTo(5.75, 1),
      longitud: expect.closeTo(-75.98, 1),
      categoria: '6',
      chip: '219105091',
    });
  });

  it('leaves without entity what has none: areas without municipality, San Andrés, 27493', () => {
    const without = territorio.municipios.filter((municipio) => municipio.chip === null);

    expect(without).toHaveLength(20);
    expect(without.filter((municipio) => municipio.tipo === 'AREA_NO_MUNICIPALIZADA')).toHaveLength(
      18,
    );
    expect(territorio.municipio('88001')).toMatchObject({
      tipo: 'ISLA',
      chip: null,
      categoria: null,
    });
    expect(territorio.municipio('27493')).toMatchObject({ tipo: 'MUNICIPIO', chip: null });
  });

  it('counts Bogotá once: one entity, that of its municipality', () => {
    expect(territorio.departamento('11')).toMatchObject({ chip: null, municipios: ['11001'] });
    expect(territorio.porChip('210111001')).toBe(territorio.municipio('11001'));
  });

  it('finds alcaldías and governorates by CHIP code, the irregular ones too', () => {
    expect(territorio.porChip('110505000')?.codigo).toBe('05');
    expect(territorio.porChip('89970221')?.codigo).toBe('70221');
    expect(territorio.porChip('223105001')).toBeUndefined();
    const irregular = [...territorio.municipios, ...territorio.departamentos].filter(
      ({ chip, codigo }) => chip !== null && chip !== chipByRule(codigo),
    );
    expect(irregular.map(({ codigo }) => codigo)).toEqual([
      '13490',
      '19300',
      '23682',
      '23815',
      '70221',
      '94343',
    ]);
  });

  it('remembers codes that left DIVIPOLA without taking them for living ones', () => {
    expect(territorio.historico('94663')).toMatchObject({ nombre: 'MAPIRIPANA' });
    expect(territorio.territorio('94663')).toBeUndefined();
    expect(territorio.poblacion('94663', 2018)).toBeGreaterThan(0);
  });
});

describe('names of territories', () => {
  it('are found in any writing, only inside their department', () => {
    expect(territorio.porNombre('Antioquia', 'Medellin')?.codigo).toBe('05001');
    expect(territorio.porNombre('VALLE', 'Cali')?.codigo).toBe('76001');
    expect(territorio.porNombre('norte de santander', 'Cúcuta')?.codigo).toBe('54001');
    expect(territorio.porNombre('Cauca', 'PÁEZ')?.codigo).toBe('19517');
    expect(territorio.porNombre('Antioquia', 'Cali')).toBeUndefined();
    expect(territorio.porNombre('La Guajira', 'Villanueva')?.codigo).toBe('44874');
    expect(territorio.porNombre('Casanare', 'Villanueva')?.codigo).toBe('85440');
    expect(
      territorio.departamentoPorNombre('San Andrés, Providencia y Santa Catalina')?.codigo,
    ).toBe('88');
  });

  it.each([
    ['Distrito Capital de Bogotá', 'Bogotá'],
    ['Bogotá D.C.', 'Bogota D.C.'],
    ['Cundinamarca', 'Bogotá'],
  ])('%s, %s is Bogotá', (departamento, municipio) => {
    expect(territorio.porNombre(departamento, municipio)?.codigo).toBe('11001');
  });

  it('are found for every official name', () => {
    const lost = territorio.municipios.filter(({ codigo, nombre, departamento }) => {
      const name = territorio.departamento(departamento)?.nombre ?? '';
      return territorio.porNombre(name, nombre)?.codigo !== codigo;
    });

    expect(lost).toEqual([]);
  });
});

describe('population', () => {
  it('adds up to the national projection', () => {
    const total = (anio: number) =>
      territorio.departamentos.reduce(
        (sum, { codigo }) => sum + (territorio.poblacion(codigo, anio) ?? 0),
        0,
      );

    expect(total(2018)).toBe(48_258_494);
    expect(total(2024)).toBe(52_695_952);
    expect(total(2026)).toBe(53_474_637);
  });

  it('is null, not 0, where DANE publishes none', () => {
    expect(territorio.poblacion('05001', 2018)).toBe(2_427_129);
    expect(territorio.poblacion('27493', 2024)).toBeNull();
    expect(territorio.poblacion('05001', 1990)).toBeNull();
    expect(territorio.poblacion('99999', 2024)).toBeNull();
  });
});

describe('regions', () => {
  it('come in four schemes', () => {
    const count = (esquema: string) =>
      territorio.regiones.filter((region) => region.esquema === esquema).length;

    expect(['RAP', 'SGR', 'PDET', 'AREA_METROPOLITANA'].map(count)).toEqual([8, 6, 16, 6]);
    expect(new Set(territorio.regiones.map((region) => region.id)).size).toBe(36);
  });

  it('of the SGR cover every municipality exactly once', () => {
    const covered = territorio.regiones
      .filter((r) => r.esquema === 'SGR')
      .flatMap((r) => r.municipios);

    expect(covered).toHaveLength(1122);
    expect(new Set(covered).size).toBe(1122);
    expect(territorio.region('SGR:RE001')?.departamentos).toContain('08');
  });

  it('list their members, or the departments they touch', () => {
    const pdet = territorio.regiones
      .filter((r) => r.esquema === 'PDET')
      .flatMap((r) => r.municipios);

    expect(new Set(pdet).size).toBe(170);
    expect(territorio.region('AREA_METROPOLITANA:valle-de-aburra')).toMatchObject({
      departamentos: ['05'],
    });
    expect(territorio.region('AREA_METROPOLITANA:valle-de-aburra')?.municipios).toHaveLength(10);
    expect(territorio.regionesDe('17').map((r) => r.id)).toEqual([
      'RAP:rap-del-agua-y-la-montana',
      'RAP:rap-eje-cafetero',
      'SGR:RE003',
    ]);
    expect(territorio.regionesDe('99999')).toEqual([]);
  });

  it('name only codes that exist', () => {
    for (const region of territorio.regiones) {
      expect(region.municipios.filter((codigo) => !territorio.municipio(codigo))).toEqual([]);
      expect(region.departamentos.filter((codigo) => !territorio.departamento(codigo))).toEqual([]);
    }
  });
});
