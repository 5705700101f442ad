import { rand } from '../../hash.js';
import type { EntidadSemilla, World } from '../../seed.js';
import { plantaDe, tienePlanta, type EmpleoSemilla } from './plantas.js';

/** A report as SIGEP II writes it: one header row of labels, texts and numbers. */
export interface Tabla {
  readonly labels: readonly string[];
  readonly rows: () => Iterable<readonly (string | number)[]>;
}

const NATURALEZA: Readonly<Record<EntidadSemilla['clase'], string>> = {
  ALCALDIA: 'ALCALDÍA',
  // The template list has no GOBERNACIÓN; nobody has seen under which nature they are.
  GOBERNACION: 'DEPARTAMENTO',
  CONCEJO: 'CONCEJO MUNICIPAL',
  PERSONERIA: 'PERSONERÍA MUNICIPAL',
  ESE: 'EMPRESA SOCIAL DEL ESTADO',
};
const CATEGORIA: Readonly<Record<string, string>> = {
  ESP: 'CATEGORÍA ESPECIAL',
  '1': 'PRIMERA CATEGORÍA',
  '2': 'SEGUNDA CATEGORÍA',
  '3': 'TERCERA CATEGORÍA',
  '4': 'CUARTA CATEGORÍA',
  '5': 'QUINTA CATEGORÍA',
  '6': 'SEXTA CATEGORÍA',
};

const ENTIDADES_LABELS = [
  'Código DANE',
  'Nombre de la Entidad',
  'Sigla',
  'Orden',
  'Suborden',
  'Clasificación Orgánica',
  'Naturaleza Jurídica',
  'Sector Administrativo',
  'Nivel Administrativo',
  'Dependencia Especial (Si / No)',
  'Dirección',
  'Departamento',
  'Municipio',
  'Categoría',
  'NIT',
  'Latitud',
  'Longitud',
  'Fax',
  'Teléfono',
  'Correo Electrónico de la Entidad',
  'Nombre del Representante Legal',
  'Fecha Inicio',
  'Fecha Fin',
  'Tipo de Entidad',
  'Estado de la Entidad',
  'Código SIGEP',
  'Dígito de Verificación',
];

/** A code that Excel read as a number has no zeros. */
const asExcelNumber = (world: World, codigo: string): string | number =>
  rand(world.seed, 'sigep-numero', codigo) < 0.1 ? Number(codigo) : codigo;

const plain = (text: string): string => text.normalize('NFD').replace(/\p{Diacritic}/gu, '');

function daneOf(world: World, e: EntidadSemilla): string {
  if (rand(world.seed, 'sigep-sin-dane', e.codigoSigep) < 0.08) return '';
  return e.clase === 'GOBERNACION' ? e.divipola.slice(0, 2) : e.divipola;
}

function entidadRow(world: World, e: EntidadSemilla): (string | number)[] {
  const draw = (what: string): number => rand(world.seed, 'sigep', what, e.codigoSigep);
  const dotted = draw('nit-puntos') < 0.2;
  const place =
    e.municipio === '' ? (world.porDivipola.get(e.divipola)?.departamento ?? '') : e.municipio;
  const name = (text: string): string => (draw('tildes') < 0.5 ? plain(text) : text).toUpperCase();
  return [
    daneOf(world, e),
    e.nombres.sigep,
    '',
    'TERRITORIAL',
    e.clase === 'GOBERNACION' ? 'DEPARTAMENTAL' : 'MUNICIPAL',
    e.clase === 'CONCEJO' ? 'CORPORACIÓN ADMINISTRATIVA' : 'RAMA EJECUTIVA',
    NATURALEZA[e.clase],
    'NO APLICA',
    e.clase === 'ESE' ? 'DESCENTRALIZADO' : 'CENTRAL',
    'No',
    'CALLE 1 # 1-01',
    name(e.departamento),
    e.clase === 'GOBERNACION' ? '' : name(place),
    CATEGORIA[e.categoria] ?? '',
    dotted ? e.nit.replace(/\B(?=(\d{3})+$)/g, '.') : e.nit,
    '',
    '',
    '',
    '6010000000',
    `contacto@entidad${e.codigoSigep}.example`,
    `REPRESENTANTE FICTICIO ${e.codigoSigep}`,
    '01/01/2012',
    '',
    'PÚBLICA',
    'ACTIVA',
    asExcelNumber(world, e.codigoSigep),
    e.digitoVerificacion,
  ];
}

export const entidadesTabla = (world: World): Tabla => ({
  labels: ENTIDADES_LABELS,
  rows: function* () {
    for (const e of world.entidades) yield entidadRow(world, e);
  },
});

const PLANTA_LABELS = [
  'Código SIGEP',
  'Nombre de la Entidad',
  'Orden',
  'Naturaleza Jurídica',
  'Departamento',
  'Municipio',
  'Clase',
  'Clasificación',
  'Nombre de la planta',
  'Código de la Planta',
  'Código interno del empleo',
  'Nivel Jerárquico',
  'Denominación',
  'Código del cargo',
  'Grado',
  'Naturaleza del Empleo',
  'Tipo de planta',
  'Dependencia',
  'Número de empleos aprobados por norma',
  'Número de Empleos con Apropiación Presupuestal',
  'Vacancia definitiva',
  'Vacancia temporal',
  'Vacancia transitoria',
  'Empleos provistos permanente',
  'Empleos provistos temporal',
  'Empleos provistos transitoria',
  'Empleos provistos por encargo permanente',
  'Empleos provistos por encargo temporal',
  'Empleos provistos por encargo transitoria',
  'Gerencia pública',
  'PEP',
  'Tipo de norma',
  'Número de norma',
  'Fecha de norma',
  'Fecha de Inicio',
  'Fecha Fin',
  'Vigente?',
  'Planta Guardado Definitivo',
];

function plantaRow(world: World, e: EntidadSemilla, p: EmpleoSemilla): (string | number)[] {
  const { permanente, temporal, transitoria } = p.provistos;
  return [
    ...[asExcelNumber(world, e.codigoSigep), e.nombres.sigep, 'TERRITORIAL', NATURALEZA[e.clase]],
    ...[e.departamento.toUpperCase(), e.municipio.toUpperCase()],
    ...['ADMINISTRATIVA', 'GLOBAL', 'PLANTA GLOBAL', `P${e.codigoSigep}`, p.interno, p.nivel],
    ...[p.denominacion, p.codigo, p.grado, p.naturaleza, 'PERMANENTE', p.dependencia],
    ...[p.cargos, p.cargos, p.vacanciaDefinitiva, p.vacanciaTemporal, 0],
    ...[permanente, temporal, transitoria, p.encargos, 0, 0],
    ...['No', 'No', 'DECRETO', '012', '15/01/2020', '01/02/2020', '', 'Si', 'Si'],
  ];
}

/** Weeks differ a little: before `share` of the bodies had loaded theirs, the report did not have them. */
export const plantaTabla = (world: World, share = 1): Tabla => ({
  labels: PLANTA_LABELS,
  rows: function* () {
    for (const e of world.entidades) {
      if (!tienePlanta(world, e) || rand(world.seed, 'sigep-semana', e.codigoSigep) >= share)
        continue;
      for (const p of plantaDe(world, e)) yield plantaRow(world, e, p);
    }
  },
});

const VACANTES_LABELS = [
  'Código SIGEP',
  'Nombre de la Entidad',
  'Orden',
  'Naturaleza Jurídica',
  'Clasificación Orgánica',
  'Sector Administrativo',
  'Departamento',
  'Municipio',
  'Dependencia',
  'Nivel Jerárquico',
  'Denominación',
  'Código',
  'Grado',
  'Vacancia Temporal',
  'Vacancia Definitiva',
  'Asignación Salarial',
  'Fecha de Vacancia',
];

export const vacantesTabla = (
  world: World,
  rename: Readonly<Record<string, string>> = {},
): Tabla => ({
  labels: VACANTES_LABELS.map((label) => rename[label] ?? label),
  rows: function* () {
    for (const e of world.entidades) {
      if (!tienePlanta(world, e)) continue;
      for (const p of plantaDe(world, e)) {
        if (p.vacanciaDefinitiva + p.vacanciaTemporal === 0) continue;
        const impossible = rand(world.seed, 'sigep-fecha', p.interno) < 0.005;
        yield [
          ...[e.codigoSigep, e.nombres.sigep, 'TERRITORIAL', NATURALEZA[e.clase]],
          ...[
            'RAMA EJECUTIVA',
            'NO APLICA',
            e.departamento.toUpperCase(),
            e.municipio.toUpperCase(),
          ],
          ...[p.dependencia, p.nivel, p.denominacion, p.codigo, p.grado],
          ...[p.vacanciaTemporal, p.vacanciaDefinitiva, 2_500_000],
          impossible ? '15/03/2887' : '15/03/2025',
        ];
      }
    }
  },
});
