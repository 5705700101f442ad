/** Labels of a SAP FM execution export, as SAP writes them. */
export const COLUMNAS = [
  'Fondo',
  'Centro Gestor',
  'Posicion Presupuestaria',
  'Area Funcional',
  'Proyecto',
  'Nombre',
  'Ppto Inicial',
  'Reducciones',
  'Adiciones',
  'Creditos',
  'Contracreditos',
  'Total Ppto actual',
  'Disponibilidad',
  'Compromiso',
  'Factura',
  'Pagos',
  'Disponible neto',
  'Ejecucion',
] as const;

export type Columna = (typeof COLUMNAS)[number];

/** One line. `% ejecucion` is left out: a quotient with the noise of a float, which follows from the rest. */
export type ErpRaw = Readonly<Record<Columna, string>>;
