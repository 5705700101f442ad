import { pick, rand, randInt, splitExact } from '../../hash.js';
import type { ProyectoSemilla } from '../../proyectos.js';
import type { World } from '../../seed.js';
import type { Row } from '../../soda/dataset.js';
import type { Lugar } from './proyectos.js';

/** Rows of each table, with the defects that the published ones have. */

/** Eight decimals, as the tables write every amount and percentage. */
const monto = (pesos: number): string => `${pesos}.00000000`;

/** What happened to a project, equal in every table that tells it. */
interface Avance {
  readonly fisico: number;
  readonly comprometido: number;
  readonly obligado: number;
  readonly pagado: number;
  /** The tables of basic data and follow-up write zero for the value. */
  readonly sinValor: boolean;
}

function avanceOf({ seed }: World, p: ProyectoSemilla): Avance {
  const started = p.estado === 'En Ejecución';
  const share = started ? rand(seed, 'obligado', p.bpin) : 0;
  const obligado = Math.floor(p.valor * share * 0.9);
  // Some report more paid than obligated.
  const over = rand(seed, 'pagado', p.bpin) < 0.01 ? 1.02 : 0.95;
  return {
    fisico: started ? Math.floor(share * 100) : 0,
    comprometido: Math.floor(p.valor * share),
    obligado,
    pagado: Math.floor(obligado * over),
    sinValor: rand(seed, 'sin valor', p.bpin) < 0.08,
  };
}

/** A name as typed: some lost their accented vowels, some have double or trailing blanks. */
function nombreEscrito({ seed }: World, p: ProyectoSemilla): string {
  const kind = rand(seed, 'escritura', p.bpin);
  const title = p.nombre.replace(/(^|\s)\p{L}/gu, (letter) => letter.toUpperCase());
  if (kind < 0.1) return title.replace(/[áéíóúñ]/giu, '');
  if (kind < 0.16) return title.replace(' En ', ' En  ');
  return kind < 0.2 ? `${title} ` : title;
}

/** Code, blank and name, in capitals or not by age; some old ones without code. */
function programaEscrito({ seed }: World, p: ProyectoSemilla): string {
  const name =
    p.anioInicio < 2022
      ? p.nombrePrograma.toUpperCase()
      : p.nombrePrograma.charAt(0).toUpperCase() + p.nombrePrograma.slice(1).toLowerCase();
  return rand(seed, 'programa', p.bpin) < 0.1 ? name : `${p.programa} ${name}`;
}

const SECTORES: Readonly<Record<string, string>> = {
  '04': 'Información Estadística',
  '12': 'Justicia Y Del Derecho',
  '17': 'Agricultura Y Desarrollo Rural',
  '19': 'Salud Y Protección Social',
  '21': 'Minas Y Energía',
  '22': 'Educación',
  '23': 'Tecnologías De La Información Y Las Comunicaciones',
  '24': 'Transporte',
  '32': 'Ambiente Y Desarrollo Sostenible',
  '33': 'Cultura',
  '35': 'Comercio, Industria Y Turismo',
  '36': 'Trabajo',
  '39': 'Ciencia, Tecnología E Innovación',
  '40': 'Vivienda, Ciudad Y Territorio',
  '41': 'Inclusión Social Y Reconciliación',
  '43': 'Deporte Y Recreación',
  '45': 'Gobierno Territorial',
};
const sectorOf = (p: ProyectoSemilla): string =>
  SECTORES[p.programa.slice(0, 2)] ?? 'Gobierno Territorial';

const SUBESTADOS: Readonly<Record<ProyectoSemilla['estado'], readonly string[]>> = {
  Formulación: ['Devuelto a MGA'],
  Viable: ['Viable'],
  'En Ejecución': [
    'En ejecución (PGN, Territorio)',
    'Sin recursos para la vigencia actual (PGN, Territorio)',
    'Inactivo  (PGN, Territorio)',
    'Inactivo \u00a0(PGN, Territorio)',
  ],
};

/** `25175` for a municipality, `50` for a governorate. */
const responsable = ({ entidad }: ProyectoSemilla): string =>
  entidad.clase === 'ALCALDIA' ? entidad.divipola : entidad.divipola.slice(0, 2);

/** `ChíaCundinamarca` in most tables, `Chía,Cundinamarca` in one of them. */
function conComa({ entidad }: ProyectoSemilla): string {
  const { piip } = entidad.nombres;
  const { length } = entidad.municipio;
  return length === 0 ? piip : `${piip.slice(0, length)},${piip.slice(length)}`;
}

export function basicos(world: World, p: ProyectoSemilla): Row {
  const { seed } = world;
  const { obligado, pagado, sinValor } = avanceOf(world, p);
  return {
    bpin: p.bpin,
    nombreproyecto: nombreEscrito(world, p),
    objetivogeneral: `Aumentar la cobertura de ${p.nombreProducto.toLowerCase()}`.slice(0, 249),
    estadoproyecto: p.estado,
    horizonte: `${p.anioInicio}-${p.anioFin}`,
    sector: sectorOf(p),
    entidadresponsable: p.entidad.nombres.piip,
    programapresupuestal: programaEscrito(world, p),
    tipoproyecto: rand(seed, 'tipo', p.bpin) < 0.12 ? 'Sgr' : 'T',
    plandesarrollonacional:
      p.anioInicio < 2023
        ? 'Pacto por Colombia, Pacto por la Equidad (2018-2022)'
        : 'Colombia Potencia Mundial de la Vida (2022-2026)',
    valortotalproyecto: monto(sinValor ? 0 : p.valor),
    valorvigenteproyecto: monto(sinValor ? 0 : p.valor),
    valorobligacionproyecto: monto(obligado),
    valorpagoproyecto: monto(pagado),
    subestadoproyecto: pick(SUBESTADOS[p.estado], seed, 'subestado', p.bpin),
    codigoentidadresponsable: responsable(p),
    totalbeneficiario: String(randInt(50, 200_000, seed, 'beneficiarios', p.bpin)),
  };
}

const REGIONES: readonly (readonly [nombre: string, id: string, departamentos: string])[] = [
  ['Caribe', '1', '08 13 20 23 44 47 70 88'],
  ['Andina', '2', '05 11 15 17 25 41 54 63 66 68 73'],
  ['Pacífica', '3', '19 27 52 76'],
  ['Orinoquía', '4', '50 81 85 99'],
  ['Amazonía', '5', '18 86 91 94 95 97'],
];

function regionOf(departamento: string): { region: string; idregion: string } {
  const found = REGIONES.find(([, , codes]) => codes.split(' ').includes(departamento));
  return { region: found?.[0] ?? 'Andina', idregion: found?.[1] ?? '2' };
}

export function localizacion(world: World, p: ProyectoSemilla, lugar: Lugar): Row {
  const { region, idregion } = regionOf(lugar.departamento);
  return {
    bpin: p.bpin,
    nombreproyecto: nombreEscrito(world, p),
    region,
    codigodepartamento: lugar.departamento,
    departamento: lugar.nombreDepartamento,
    codigomunicipio: lugar.municipio,
    municipio: lugar.nombreMunicipio,
    entidadresponsable: p.entidad.nombres.piip,
    sector: sectorOf(p),
    idregion,
    codigoentidadresponsable: responsable(p),
  };
}

/** Now and then an earlier state is still there, and financial progress stays at zero although money was obligated. */
export function seguimientos(world: World, p: ProyectoSemilla): Row[] {
  const { seed } = world;
  const { fisico, obligado, sinValor } = avanceOf(world, p);
  const silent = rand(seed, 'financiero', p.bpin) < 0.06;
  const financiero = silent ? 0 : Math.floor((obligado / p.valor) * 100);
  const row = (fisicoEntonces: number, financieroEntonces: number): Row => ({
    bpin: p.bpin,
    avancefisico: monto(fisicoEntonces),
    avancefinanciero: monto(financieroEntonces),
    nombreproyecto: nombreEscrito(world, p),
    horizonte: `${p.anioInicio}-${p.anioFin}`,
    sectorproyecto: sectorOf(p),
    valorvigente: monto(sinValor ? 0 : p.valor),
    entidadresponsable: p.entidad.nombres.piip,
  });
  const earlier = rand(seed, 'historico', p.bpin) < 0.15 && fisico > 1;
  const rows = [row(fisico, financiero)];
  if (earlier) rows.push(row(Math.floor(fisico / 2), Math.floor(financiero / 3)));
  return rows;
}

const FUENTES = [
  ['Propios de las entidades territoriales', 'Propios territorio'],
  ['SGP, Sistema General de Participaciones', 'SGP Propósito general'],
  ['PGN, Presupuesto General de la Nación', 'Nación'],
] as const;

interface Asignacion {
  readonly vigencia: number;
  readonly fuente: (typeof FUENTES)[number];
  readonly vigente: number;
  readonly comprometido: number;
  readonly obligado: number;
  readonly pagado: number;
}

/** The money of a project, year by year and source by source; it adds up to the project. */
function asignaciones(world: World, p: ProyectoSemilla): Asignacion[] {
  const { seed } = world;
  const avance = avanceOf(world, p);
  const last = Math.min(p.anioFin, 2025);
  const cells = Array.from({ length: last - p.anioInicio + 1 }, (_, i) => p.anioInicio + i).flatMap(
    (vigencia) => {
      const many = randInt(1, 2, seed, 'fuentes', p.bpin, vigencia);
      return FUENTES.slice(0, many).map((fuente) => ({ vigencia, fuente }));
    },
  );
  const weights = cells.map((_, i) => randInt(1, 9, seed, 'peso', p.bpin, i));
  const split = (total: number): number[] => splitExact(total, weights);
  const vigente = split(p.valor);
  const comprometido = split(avance.comprometido);
  const obligado = split(avance.obligado);
  const pagado = split(avance.pagado);
  return cells.map((cell, i) => ({
    ...cell,
    vigente: vigente[i] ?? 0,
    comprometido: comprometido[i] ?? 0,
    obligado: obligado[i] ?? 0,
    pagado: pagado[i] ?? 0,
  }));
}

/** Financial execution. Some rows write PIIP codes as the budget forms do, and some a zero for the value. */
export function ejecuciones(world: World, p: ProyectoSemilla): Row[] {
  const { seed } = world;
  const bpin = rand(seed, 'corto', p.bpin) < 0.05 ? p.bpinCuipo : p.bpin;
  return asignaciones(world, p).map((a, i) => ({
    bpin,
    vigencia: String(a.vigencia),
    fuentedefinanciaci_n: a.fuente[0],
    entidadfuentefinanciacion: p.entidad.nombres.piip,
    tiporecursofuentefinanciacion: a.fuente[1],
    valorsolicitado: monto(a.vigente),
    valorinicial: monto(a.vigente),
    valorvigente: monto(rand(seed, 'cero', p.bpin, i) < 0.05 ? 0 : a.vigente),
    valorcomprometido: monto(a.comprometido),
    valorobligado: monto(a.obligado),
    valorpagado: monto(a.pagado),
  }));
}

/** The same by place: the whole amount at each of them, in another code space and with the name that has a comma. */
export function ejecucionesPorLugar(world: World, p: ProyectoSemilla, lugar: Lugar): Row[] {
  const { region, idregion } = regionOf(lugar.departamento);
  const isMunicipio = p.entidad.clase === 'ALCALDIA';
  return asignaciones(world, p).map((a) => ({
    bpin: p.bpin,
    nombreproyecto: nombreEscrito(world, p),
    sectorproyecto: sectorOf(p),
    codigoentidadresponsable: String(200 + world.territoriales.indexOf(p.entidad)),
    entidadresponsable: conComa(p),
    vigencia: String(a.vigencia),
    valorvigente: monto(a.vigente),
    valorcomprometido: monto(a.comprometido),
    valorobligado: monto(a.obligado),
    valorpagado: monto(a.pagado),
    fuentefinanciacion: a.fuente[0],
    tipoentidadfuentefinanciacion: isMunicipio ? 'Municipio' : 'Departamento',
    codigoentidadfuentefinan: responsable(p),
    entidadfuentefinanciacion: conComa(p),
    tiporecursofuentefinanciacion: a.fuente[1],
    codigoregion: idregion,
    region,
    codigodepartamento: lugar.departamento,
    departamento: lugar.nombreDepartamento,
    codigomunicipio: lugar.municipio,
    municipio: lugar.nombreMunicipio,
  }));
}

export function productos(world: World, p: ProyectoSemilla): Row[] {
  const { seed, catalog } = world;
  const { fisico } = avanceOf(world, p);
  const siblings = catalog.productosPorPrograma.get(p.programa) ?? [];
  const second =
    siblings.length > 0 && rand(seed, 'segundo', p.bpin) < 0.3
      ? pick(siblings, seed, 'otro producto', p.bpin).nombre
      : p.nombreProducto;
  const names = [...new Set([p.nombreProducto, second])];
  const values = splitExact(
    p.valor,
    names.map(() => 1),
  );
  return names.map((producto, i) => {
    const meta = randInt(1, 500, seed, 'meta', p.bpin, i);
    return {
      bpin: p.bpin,
      producto,
      indicador: `${producto} (indicador principal)`,
      unidadmedidaproducto: 'Número',
      unidadmedidaindicador: 'Número',
      cantidad: monto(meta),
      metaindicador: monto(meta),
      avanceindicador: monto(Math.floor((meta * fisico) / 100)),
      valorproducto: monto(values[i] ?? 0),
    };
  });
}

export function ejecutores(world: World, p: ProyectoSemilla): Row[] {
  const own = {
    bpin: p.bpin,
    nombreproyecto: nombreEscrito(world, p),
    codigoentidadejecutora: responsable(p),
    entidadejecutora: p.entidad.nombres.piip,
  };
  if (rand(world.seed, 'ejecutor', p.bpin) >= 0.1) return [own];
  const { codigoentidadejecutora, ...nameless } = own;
  return [
    { ...own, codigoentidadejecutora },
    { ...nameless, entidadejecutora: `ESE Hospital ${p.entidad.nombres.piip}` },
  ];
}
