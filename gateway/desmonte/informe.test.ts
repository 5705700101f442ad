import { describe, expect, it } from '@jest/globals';
import { POLITICA_COMPRIMIDA } from '../route/politica.js';
import { evaluate } from '../route/compuertas.js';
import { drawCurva, paridadPpm, toPercent } from './curva.js';
import { puntosOf, toHtml, toMarkdown, type Informe } from './informe.js';
import { registroOf, tramoOf } from './testing.js';

const EN = '2026-03-01T12:00:00.000Z';
const tramo = tramoOf(registroOf('Informada'), { id: 'tramo-05' });
const fila = { tramo, faseDesde: EN, creadoEn: EN, faseDesconocida: null };

const censoOf = (distintas: number, estado = 'completo') => ({
  id: `c${distintas}`,
  estado,
  iniciado: EN,
  terminado: EN,
  mapeo: 1,
  comparadores: 1,
  raizViejo: 'a',
  raizNuevo: 'a',
  conteos: { iguales: 1_000 - distintas, distintas, soloViejo: 0, soloNuevo: 0, explicadas: 0 },
});

const informe: Informe = {
  fila,
  generado: EN,
  transiciones: [
    {
      id: '1',
      tramo: tramo.id,
      en: EN,
      personas: ['ana'],
      automatica: false,
      desde: 'legacy',
      hacia: 'backfill',
      epocaVista: 1,
      epoca: 2,
      epocaRuteo: 2,
      motivo: 'empezar | <b>ya</b>',
      estado: tramo,
      expediente: null,
    },
  ],
  compuertas: [
    evaluate({
      compuerta: 'G1',
      tramo,
      faseDesde: EN,
      ahora: EN,
      politica: POLITICA_COMPRIMIDA,
      evidencias: [],
      exenciones: [],
    }),
  ],
  censos: [censoOf(10), censoOf(3, 'incompleto'), censoOf(0)],
  evidencias: [
    {
      id: '1',
      tipo: 'rezago',
      valor: { segundos: 7 },
      en: EN,
      epoca: 1,
      mappingVersion: 1,
      comparatorVersion: 1,
    },
  ],
  diferencias: [
    {
      clave: 'd1g3st',
      clase: 'mismatch',
      campos: ['pagos'],
      origen: 'censo',
      primera: EN,
      ultima: EN,
      veces: 2,
      resuelta: null,
    },
  ],
  cuarentena: [],
  uso: [],
  incidentes: [{ en: EN, tipo: 'REGRESO', detalle: { motivo: 'falla' } }],
  certificado: null,
};

describe('the curve of parity', () => {
  it('has one point for each complete census, a title and a description', () => {
    const puntos = puntosOf(informe);
    const svg = drawCurva('tramo-05', puntos);

    expect(puntos.map(paridadPpm)).toEqual([990_000, 1_000_000]);
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(svg).toContain('<title id="curva-titulo">Curva de paridad del tramo tramo-05</title>');
    expect(svg).toMatch(/<desc[^>]*>2 censos completos, de 99 % .* a 100 %/);
  });

  it('never shows one difference as none', () => {
    const ppm = paridadPpm({ en: EN, registros: 10_000_000, iguales: 9_999_999 });

    expect(toPercent(ppm)).toBe('99,9999 %');
  });

  it('says so where there is no census yet', () => {
    expect(drawCurva('t', [])).toContain('Aún no hay censos completos.');
  });
});

describe('the report of a tramo', () => {
  const PARTES = ['Movimientos', 'Compuertas', 'Censos', 'Diferencias', 'Evidencia'];
  const MAS = ['Cuarentena', 'Uso', 'Incidentes'];

  it('shows movements, gates, censuses, differences, evidence, quarantine, use and incidents', () => {
    for (const text of [toMarkdown(informe), toHtml(informe)]) {
      for (const part of [...PARTES, ...MAS]) expect(text).toContain(part);
      expect(text).toContain('d1g3st');
      expect(text).toContain('pagos');
      expect(text).toContain('segundos');
      expect(text).toContain('no cumplida');
      expect(text).toContain('REGRESO');
      expect(text).toContain('incompleto');
    }
  });

  it('has the same picture in both forms, in Markdown as an image with its words', () => {
    const svg = drawCurva('tramo-05', puntosOf(informe));

    const image = /!\[([^\]]*)\]\(data:image\/svg\+xml;base64,([^)]*)\)/.exec(toMarkdown(informe));

    expect(image?.[1]).toContain('2 censos completos, de 99 %');
    expect(Buffer.from(image?.[2] ?? '', 'base64').toString()).toBe(svg);
    expect(toHtml(informe)).toContain(svg);
  });

  it('takes nothing that people wrote for markup', () => {
    expect(toHtml(informe)).not.toContain('<b>ya</b>');
    expect(toMarkdown(informe)).not.toContain('<b>ya</b>');
    expect(toMarkdown(informe)).toContain('empezar \\| ');
  });
});
