import type { SistemaDetalle } from '../sistemas.js';
import type { SistemaEstado } from '../../subgraphs/subgraph.js';
import { escapeHtml, page } from './html.js';

export interface Estado {
  readonly sistemas: readonly SistemaEstado[];
  readonly detalles: readonly SistemaDetalle[];
  readonly identidad: Readonly<Record<string, string | null>>;
}

export function renderEstado({ sistemas, detalles, identidad }: Estado): string {
  const estados = sistemas.map((s) =>
    row([s.nombre, s.estado, s.verificado ?? '', s.mensaje ?? '']),
  );
  const avisos = detalles.flatMap(({ id, avisos: list }) =>
    list.map(({ codigo, mensaje, donde }) => row([id, codigo, mensaje, donde])),
  );
  const quarantine = detalles.flatMap(({ id, partes }) =>
    partes.flatMap(({ id: part, quarantine: q }) =>
      q === null
        ? []
        : [row([id, part, q.motivo, q.linea === null ? '' : String(q.linea), q.desde])],
    ),
  );
  const registers = Object.entries(identidad).map(([name, corte]) =>
    row([name, corte ?? 'sin leer todavía']),
  );
  return page(
    'Estado de SUGIT',
    `<h1>Estado de las fuentes</h1>
${table(['Sistema', 'Estado', 'Verificado', 'Mensaje'], estados)}
<h2>Archivos en cuarentena</h2>
${table(['Sistema', 'Archivo', 'Motivo', 'Línea', 'Desde'], quarantine)}
<h2>Avisos</h2>
${table(['Sistema', 'Código', 'Mensaje', 'Dónde'], avisos)}
<h2>Cruce de identidades</h2>
${table(['Registro', 'Corte'], registers)}
<p><a href="/">Inicio</a></p>`,
  );
}

const row = (cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;

function table(headers: readonly string[], rows: readonly string[]): string {
  if (rows.length === 0) return '<p>Ninguno.</p>';
  const head = headers.map((header) => `<th scope="col">${escapeHtml(header)}</th>`).join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
