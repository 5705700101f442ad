import type { SistemaDetalle } from '../sistemas.js';
import type { SistemaEstado } from '../../subgraphs/subgraph.js';
import type { EstadoCalentamiento } from '../calentamiento.js';
import { escapeHtml, page, table } from './html.js';

export interface Estado {
  readonly sistemas: readonly SistemaEstado[];
  readonly detalles: readonly SistemaDetalle[];
  readonly identidad: Readonly<Record<string, string | null>>;
  readonly calentamiento: EstadoCalentamiento;
}

export function renderEstado({ sistemas, detalles, identidad, calentamiento }: Estado): string {
  const estados = sistemas.map((s) => [s.nombre, s.estado, s.verificado ?? '', s.mensaje ?? '']);
  const avisos = detalles.flatMap(({ id, avisos: list }) =>
    list.map(({ codigo, mensaje, donde }) => [id, codigo, mensaje, donde]),
  );
  const quarantine = detalles.flatMap(({ id, partes }) =>
    partes.flatMap(({ id: part, quarantine: q }) =>
      q === null ? [] : [[id, part, q.motivo, q.linea === null ? '' : String(q.linea), q.desde]],
    ),
  );
  const registers = Object.entries(identidad).map(([name, corte]) => [
    name,
    corte ?? 'sin leer todavía',
  ]);
  return page(
    'Estado de SUGIT',
    `<h1>Estado de las fuentes</h1>
${table('Estado de las fuentes', ['Sistema', 'Estado', 'Verificado', 'Mensaje'], estados)}
<h2>Archivos en cuarentena</h2>
${table('Archivos en cuarentena', ['Sistema', 'Archivo', 'Motivo', 'Línea', 'Desde'], quarantine)}
<h2>Avisos</h2>
${table('Avisos', ['Sistema', 'Código', 'Mensaje', 'Dónde'], avisos)}
<h2>Cruce de identidades</h2>
${table('Cruce de identidades', ['Registro', 'Corte'], registers)}
<h2>Calentamiento</h2>
<p>${escapeHtml(toFrase(calentamiento))}</p>
<p><a href="/">Inicio</a></p>`,
  );
}

function toFrase({
  activo,
  hechos,
  total,
  enCurso,
  fallas,
  terminado,
}: EstadoCalentamiento): string {
  if (!activo) return 'Apagado: cada consulta lee lo que le hace falta.';
  const avance = `${String(hechos)} de ${String(total)} pasos`;
  const rest = fallas.map(({ titulo, codigos }) => `${titulo}: ${codigos.join(', ')}`);
  const sinLeer = rest.length === 0 ? '' : ` Sin leer: ${rest.join('; ')}.`;
  if (terminado !== null) return `Terminado: ${avance}.${sinLeer}`;
  return `En curso: ${avance}${enCurso === null ? '' : ` (${enCurso})`}.${sinLeer}`;
}
