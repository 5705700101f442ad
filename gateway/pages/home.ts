import type { SistemaEstado } from '../../subgraphs/subgraph.js';
import { escapeHtml, page } from './html.js';
import { READY_QUERIES } from './ready-queries.js';

export function renderHome(sistemas: readonly SistemaEstado[]): string {
  const queries = READY_QUERIES.map(
    ({ titulo, query }) =>
      `<h3>${escapeHtml(titulo)}</h3>
<p><a href="/graphiql?query=${encodeURIComponent(query)}">Abrir en GraphiQL</a></p>
<pre>${escapeHtml(query)}</pre>`,
  );
  const rows = sistemas.map(
    ({ id, nombre, entidadResponsable }) =>
      `<tr><td>${escapeHtml(id)}</td><td>${escapeHtml(nombre)}</td><td>${escapeHtml(entidadResponsable)}</td></tr>`,
  );
  return page(
    'SUGIT',
    `<h1>SUGIT</h1>
<p>Sistema Único de Gestión e Información Territorial: un solo grafo GraphQL sobre los sistemas que hoy guardan la
información de los territorios de Colombia. Cada respuesta dice de dónde viene y de cuándo es.</p>
<p><a href="/graphiql">GraphiQL</a> · <a href="/estado">Estado de las fuentes</a> · <a href="/metrics">Métricas</a></p>
<h2>Tres consultas para empezar</h2>
${queries.join('\n')}
<h2>Sistemas de origen</h2>
<table>
<thead><tr><th scope="col">Id</th><th scope="col">Sistema</th><th scope="col">Responsable</th></tr></thead>
<tbody>${rows.join('')}</tbody>
</table>`,
  );
}
