import { rand } from '../hash.js';
import type { ProyectoSemilla } from '../proyectos.js';
import type { World } from '../seed.js';
import type { Row, SodaDataset } from '../soda/dataset.js';
import type { SandboxSystem } from '../system.js';
import { Banco } from './piip/proyectos.js';
import {
  basicos,
  ejecuciones,
  ejecucionesPorLugar,
  ejecutores,
  localizacion,
  productos,
  seguimientos,
} from './piip/rows.js';

/** The tables of projects are published together; the financial one lags behind and misses what is new. */
const PUBLISHED = '2026-04-22T16:08:31.000Z';
const LAGGING = '2025-12-29T10:41:02.000Z';
const FIRST_YEAR_MISSING = 2025;

/** Column names of each table, as its metadata list them. All are text: the publisher loaded amounts as written. */
const COLUMNS: Readonly<Record<string, string>> = {
  'cf9k-55fw':
    'bpin nombreproyecto objetivogeneral estadoproyecto horizonte sector entidadresponsable ' +
    'programapresupuestal tipoproyecto plandesarrollonacional valortotalproyecto valorvigenteproyecto ' +
    'valorobligacionproyecto valorpagoproyecto subestadoproyecto codigoentidadresponsable totalbeneficiario',
  'xikz-44ja':
    'bpin nombreproyecto region codigodepartamento departamento codigomunicipio municipio ' +
    'entidadresponsable sector idregion codigoentidadresponsable',
  '7mxf-bp6x':
    'bpin avancefisico avancefinanciero nombreproyecto horizonte sectorproyecto valorvigente ' +
    'entidadresponsable',
  'v4ap-cvae':
    'bpin vigencia fuentedefinanciaci_n entidadfuentefinanciacion tiporecursofuentefinanciacion ' +
    'valorsolicitado valorinicial valorvigente valorcomprometido valorobligado valorpagado',
  'u3qu-swda':
    'bpin nombreproyecto sectorproyecto codigoentidadresponsable entidadresponsable vigencia ' +
    'valorvigente valorcomprometido valorobligado valorpagado fuentefinanciacion ' +
    'tipoentidadfuentefinanciacion codigoentidadfuentefinan entidadfuentefinanciacion ' +
    'tiporecursofuentefinanciacion codigoregion region codigodepartamento departamento ' +
    'codigomunicipio municipio',
  '8kfp-z3my':
    'bpin producto indicador unidadmedidaproducto unidadmedidaindicador cantidad metaindicador ' +
    'avanceindicador valorproducto',
  'epzv-8ck4': 'bpin nombreproyecto codigoentidadejecutora entidadejecutora',
};

interface Tabla {
  readonly id: string;
  readonly name: string;
  readonly updatedAt?: string;
  readonly rowsOf: (banco: Banco, project: ProyectoSemilla) => readonly Row[];
}

const isNew = ({ anioInicio }: ProyectoSemilla): boolean => anioInicio >= FIRST_YEAR_MISSING;
/** A project may be located before its basic data are published. */
const isPublished = ({ seed }: World, { bpin }: ProyectoSemilla): boolean =>
  rand(seed, 'publicado', bpin) >= 0.01;

const TABLAS: readonly Tabla[] = [
  {
    id: 'cf9k-55fw',
    name: 'DNP-proyectos_datos_basicos',
    rowsOf: ({ world }, p) => (isPublished(world, p) ? [basicos(world, p)] : []),
  },
  {
    id: 'xikz-44ja',
    name: 'DNP-LocalizacionProyecto',
    rowsOf: (banco, p) => banco.lugaresDe(p).map((lugar) => localizacion(banco.world, p, lugar)),
  },
  {
    id: '7mxf-bp6x',
    name: 'DNP-SeguimientoProyecto',
    rowsOf: ({ world }, p) => seguimientos(world, p),
  },
  {
    id: 'v4ap-cvae',
    name: 'DNP-EjecucionFinancieraProy',
    updatedAt: LAGGING,
    rowsOf: ({ world }, p) => (isNew(p) ? [] : ejecuciones(world, p)),
  },
  {
    id: 'u3qu-swda',
    name: 'DNP-EjecucionProyectoDivipola',
    updatedAt: LAGGING,
    rowsOf: (banco, p) =>
      isNew(p)
        ? []
        : banco.lugaresDe(p).flatMap((lugar) => ejecucionesPorLugar(banco.world, p, lugar)),
  },
  {
    id: '8kfp-z3my',
    name: 'DNP-ProductosProyecto',
    rowsOf: ({ world }, p) => productos(world, p),
  },
  {
    id: 'epzv-8ck4',
    name: 'DNP-EntidadEjecutoraProyecto',
    rowsOf: ({ world }, p) => ejecutores(world, p),
  },
];

const INDEX = ['bpin', 'codigomunicipio', 'codigodepartamento'];

function createDataset(banco: Banco, { id, name, updatedAt, rowsOf }: Tabla): SodaDataset {
  const names = (COLUMNS[id] ?? '').split(' ');
  return {
    id,
    name,
    columns: names.map((column) => ({ name: column, type: 'text' as const })),
    index: INDEX.filter((column) => names.includes(column)),
    updatedAt: updatedAt ?? PUBLISHED,
    *rows(pushdown) {
      for (const project of banco.candidatos(pushdown)) {
        const { bpin, bpinCuipo } = project;
        if (!pushdown.accepts('bpin', bpin) && !pushdown.accepts('bpin', bpinCuipo)) continue;
        yield* rowsOf(banco, project);
      }
    },
  };
}

export const piip: SandboxSystem = {
  sistema: 'piip',
  soda: (world) => {
    const banco = new Banco(world);
    return TABLAS.map((tabla) => createDataset(banco, tabla));
  },
};
