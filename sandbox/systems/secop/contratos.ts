import { pick, rand, randInt } from '../../hash.js';
import { proyectosDe, type ProyectoSemilla } from '../../proyectos.js';
import type { EntidadSemilla, World } from '../../seed.js';
import type { Row } from '../../soda/dataset.js';
import { COLUMNAS } from './columnas.js';
import { personalColumns, supplierOf } from './proveedores.js';

/** One contract of an entity, computed from its place: the same whoever asks. */
export interface ContratoSemilla {
  readonly id: string;
  readonly index: number;
  readonly entidad: EntidadSemilla;
  /** Number of its id; process, portfolio and notice have other ones. */
  readonly numero: number;
  readonly proyecto: ProyectoSemilla | undefined;
}

const FIRST_NUMBER = 10_000_000;
const MOST: Readonly<Record<EntidadSemilla['clase'], number>> = {
  ALCALDIA: 40,
  GOBERNACION: 80,
  CONCEJO: 6,
  PERSONERIA: 4,
  ESE: 20,
};
const NATIONAL_FACTOR = 100;

/** Numbers kept for each entity, so that a contract's id says whose it is. */
export const spaceOf = ({ escala }: World): number => (escala === 'nacional' ? 10_000 : 100);

export function countOf(world: World, { clase, codigoChip }: EntidadSemilla): number {
  const count = randInt(0, MOST[clase], world.seed, 'contratos', codigoChip);
  return world.escala === 'nacional' ? count * NATIONAL_FACTOR : count;
}

export function contratoAt(world: World, place: number, j: number): ContratoSemilla | undefined {
  const entidad = world.entidades[place];
  if (entidad === undefined || j < 0 || j >= countOf(world, entidad)) return undefined;
  const index = place * spaceOf(world) + j;
  const projects = proyectosDe(world, entidad);
  const isInvestment = projects.length > 0 && rand(world.seed, 'inversion', index) < 0.5;
  return {
    id: `CO1.PCCNTR.${FIRST_NUMBER + index}`,
    index,
    entidad,
    numero: FIRST_NUMBER + index,
    proyecto: isInvestment ? pick(projects, world.seed, 'proyecto', index) : undefined,
  };
}

export function contratoById(world: World, id: string): ContratoSemilla | undefined {
  const index = Number(/^CO1\.PCCNTR\.(\d{8,})$/.exec(id)?.[1] ?? NaN) - FIRST_NUMBER;
  if (!Number.isInteger(index) || index < 0) return undefined;
  const space = spaceOf(world);
  return contratoAt(world, Math.floor(index / space), index % space);
}

/** Shares in thousandths, as counted in the source. */
const STATES: readonly (readonly [number, string])[] = [
  [292, 'En ejecución'],
  [576, 'Cerrado'],
  [757, 'Modificado'],
  [887, 'terminado'],
  [928, 'Borrador'],
  [964, 'Aprobado'],
  [983, 'Cancelado'],
  [990, 'enviado Proveedor'],
  [995, 'cedido'],
  [998, 'En aprobación'],
  [999, 'Suspendido'],
  [1000, 'Prorrogado'],
];
const UNSIGNED = new Set(['Borrador', 'Cancelado', 'enviado Proveedor', 'En aprobación']);
const MODALIDADES = [
  'Contratación directa',
  'Contratación directa',
  'Contratación régimen especial',
  'Mínima cuantía',
  'Selección Abreviada de Menor Cuantía',
  'Licitación pública Obra Publica',
];
const ABSURD_DATES = ['2099-12-30', '2887-05-01'];
const FIRST_DAY = Date.UTC(2021, 0, 4);
const DAYS = 1_900;
const DAY_MS = 86_400_000;

const stateOf = ({ seed }: World, id: string): string => {
  const share = rand(seed, 'estado', id) * 1000;
  return STATES.find(([upTo]) => share < upTo)?.[1] ?? 'Cerrado';
};

/** Days after the first one, at midnight without zone. */
const dateAt = (day: number): string =>
  `${new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10)}T00:00:00.000`;

function datesOf({ seed }: World, { id }: ContratoSemilla, estado: string): Row {
  const day = randInt(0, DAYS, seed, 'firma', id);
  const absurd = rand(seed, 'absurda', id) < 0.001 ? pick(ABSURD_DATES, seed, 'fecha', id) : null;
  const isSigned = !UNSIGNED.has(estado);
  const isLive = estado === 'En ejecución';
  const isExtended = estado === 'Prorrogado' || (estado === 'Modificado' && day % 3 !== 0);
  return {
    fecha_de_firma: isSigned ? (absurd === null ? dateAt(day) : `${absurd}T00:00:00.000`) : null,
    fecha_de_inicio_del_contrato: isSigned ? dateAt(day + 5) : null,
    fecha_de_fin_del_contrato: dateAt(day + randInt(30, 330, seed, 'plazo', id)),
    ultima_actualizacion: isLive ? null : dateAt(day + 20),
    fecha_inicio_liquidacion: estado === 'Cerrado' ? dateAt(day + 340) : null,
    fecha_fin_liquidacion: estado === 'Cerrado' ? dateAt(day + 460) : null,
    fecha_de_notificaci_n_de_prorrogaci_n: isExtended ? dateAt(day + 25) : null,
  };
}

function moneyOf({ seed }: World, { id, proyecto }: ContratoSemilla): Row {
  const isZero = rand(seed, 'cero', id) < 0.033;
  const valor = isZero ? 0 : randInt(8, proyecto ? 900 : 90, seed, 'valor', id) * 1_000_000 + 500;
  // Payments are seldom reported: 0 does not say that nothing was paid.
  const pagado = rand(seed, 'pago', id) < 0.25 ? Math.floor(valor / 2) : 0;
  const own = Math.floor(valor / 4);
  return {
    valor_del_contrato: valor,
    valor_de_pago_adelantado: 0,
    valor_facturado: pagado,
    valor_pendiente_de_pago: valor - pagado,
    valor_pagado: pagado,
    valor_amortizado: 0,
    valor_pendiente_de: 0,
    valor_pendiente_de_ejecucion: valor - pagado,
    saldo_cdp: valor,
    saldo_vigencia: 0,
    dias_adicionados: 0,
    presupuesto_general_de_la_nacion_pgn: 0,
    sistema_general_de_participaciones: valor - own,
    sistema_general_de_regal_as: 0,
    recursos_propios_alcald_as_gobernaciones_y_resguardos_ind_genas_: own,
    recursos_de_credito: 0,
    recursos_propios: 0,
  };
}

/** What every contract says alike, sentinels included. */
const CONSTANT: Row = {
  rama: 'Ejecutivo',
  condiciones_de_entrega: 'No Definido',
  habilita_pago_adelantado: 'No Definido',
  liquidaci_n: 'No',
  obligaci_n_ambiental: 'No',
  obligaciones_postconsumo: 'No',
  reversion: 'No',
  origen_de_los_recursos: 'Distribuido',
  espostconflicto: 'No',
  puntos_del_acuerdo: 'No aplica',
  pilares_del_acuerdo: 'No aplica',
  duraci_n_del_contrato: '6 Mes(es)',
  el_contrato_puede_ser_prorrogado: 'Si',
  documentos_tipo: 'No',
  descripcion_documentos_tipo: 'No Definido',
};

const BLANK: Row = Object.fromEntries(
  COLUMNAS.map(({ name }): [string, Row[string]] => [name, CONSTANT[name] ?? null]),
);

function entityOf({ seed }: World, { id, entidad, index }: ContratoSemilla): Row {
  const { nit, digitoVerificacion, departamento, municipio, nombres, clase } = entidad;
  const ciudad = municipio === '' ? 'No Definido' : municipio;
  return {
    nombre_entidad: nombres.secop,
    nit_entidad: rand(seed, 'nit', id) < 0.08 ? `${nit}${digitoVerificacion}` : nit,
    departamento,
    ciudad,
    localizaci_n: `Colombia,  ${departamento} ,  ${ciudad}`,
    // A public hospital often says Nacional.
    orden: clase === 'ESE' && index % 3 === 0 ? 'Nacional' : 'Territorial',
    sector: clase === 'ESE' ? 'Salud y Protección Social' : 'Servicio Público',
    entidad_centralizada: clase === 'ESE' ? 'Descentralizada' : 'Centralizada',
    codigo_entidad: 702_000_000 + Number(entidad.codigoSigep),
  };
}

export function rowOf(world: World, contrato: ContratoSemilla): Row {
  const { id, numero, proyecto, entidad } = contrato;
  const estado = stateOf(world, id);
  const objeto =
    proyecto === undefined
      ? `PRESTACIÓN DE SERVICIOS DE APOYO A LA GESTIÓN DE ${entidad.nombres.razonSocial}`
      : `${proyecto.nombre.toUpperCase()}\nSEGÚN EL PROYECTO DE INVERSIÓN`;
  // Filled into one shape: 84 columns spread over and over cost a second per ten thousand rows.
  const row: Row = { ...BLANK };
  Object.assign(row, entityOf(world, contrato), supplierOf(world, id), personalColumns(world, id));
  Object.assign(row, datesOf(world, contrato, estado), moneyOf(world, contrato));
  return Object.assign(row, {
    proceso_de_compra: `CO1.BDOS.${numero - 4_000_000}`,
    id_contrato: id,
    referencia_del_contrato:
      numero % 7 === 0 ? 'No Definido' : `CPS-${numero % 1000}-${numero % 9}`,
    estado_contrato: estado,
    codigo_de_categoria_principal: proyecto === undefined ? 'V1.80111701' : 'V1.72141000',
    descripcion_del_proceso: objeto,
    tipo_de_contrato: proyecto === undefined ? 'Prestación de servicios' : 'Obra',
    modalidad_de_contratacion: pick(MODALIDADES, world.seed, 'modalidad', id),
    justificacion_modalidad_de: numero % 2 === 0 ? 'ServiciosProfesionales' : 'Article30_1993',
    destino_gasto: proyecto === undefined ? 'Funcionamiento' : 'Inversión',
    objeto_del_contrato: objeto,
    urlproceso: `https://community.secop.gov.co/Public/Tendering/OpportunityDetail/Index?noticeUID=CO1.NTC.${numero - 3_000_000}`,
  });
}

/** The link of a contract to its project; now and then not validated, and now and then a second process says it again. */
export function linkRows(world: World, contrato: ContratoSemilla): Row[] {
  const { id, numero, proyecto } = contrato;
  if (proyecto === undefined) {
    return numero % 50 === 0 ? [link(contrato, { codigo_bpin: 'No Definido' })] : [];
  }
  const mark = rand(world.seed, 'vinculo', id);
  const codigo_bpin = proyecto.bpin;
  const own = link(contrato, {
    codigo_bpin,
    validacion_bpin: mark < 0.04 ? 'No Validado' : 'Validado',
  });
  if (mark > 0.95) return [own, link(contrato, { codigo_bpin, id_contracto: 'No Definido' })];
  return mark > 0.9
    ? [own, { ...link(contrato, { codigo_bpin }), id_proceso: `CO1.REQ.${numero}` }]
    : [own];
}

const link = ({ id, numero, proyecto }: ContratoSemilla, mas: Row): Row => ({
  anno_bpin: String(proyecto?.anioInicio ?? 2024),
  id_proceso: `CO1.REQ.${numero - 5_000_000}`,
  id_contracto: id,
  id_portafolio: `CO1.BDOS.${numero - 4_000_000}`,
  validacion_bpin: 'Validado',
  ...mas,
});
