/**
 * A Registro is one kind of fact, declared once. Store tables, indexes, digests, comparison, masking and the mapping
 * to the public schema all follow from its declaration.
 */

/** Dinero and decimal travel as canonical exact text (see values/decimal.ts), never as a JavaScript number. */
export type Valor = string | number | boolean | null;

/** A record named by the campos of its Registro. A missing property means that the source did not carry it. */
export type Fila = Readonly<Record<string, Valor | undefined>>;

export type TipoCampo =
  'texto' | 'codigo' | 'entero' | 'dinero' | 'decimal' | 'fecha' | 'fechahora' | 'logico';

/** Who may see a campo: everybody, or only a role of control (Ley 1581 de 2012). */
export type ClaseDato = 'publico' | 'personal';

/** How two systems are compared on a campo: exact, text without case, accents and double spaces, or not at all. */
export type Comparador = 'exacto' | 'texto' | 'ninguno';

export interface Campo {
  readonly tipo: TipoCampo;
  readonly unidad?: string;
  readonly comparador: Comparador;
  readonly clase: ClaseDato;
  /** May be null in a complete record. */
  readonly nulo: boolean;
}

/** A named look-up. `claves` are campos of the Registro, in the order in which keys are written. */
export interface Acceso {
  readonly claves: readonly string[];
  readonly cardinalidad: 'uno' | 'muchos';
}

/** Closed filter language: adapters translate it, nobody writes a query twice. */
export type Filtro =
  | { readonly op: 'eq' | 'gte' | 'lte'; readonly campo: string; readonly valor: Valor }
  | { readonly op: 'in'; readonly campo: string; readonly valores: readonly Valor[] }
  | { readonly op: 'prefix'; readonly campo: string; readonly valor: string }
  | { readonly op: 'and'; readonly de: readonly Filtro[] }
  | { readonly op: 'hoja' };

export interface Orden {
  readonly campo: string;
  readonly sentido: 'asc' | 'desc';
}

/** A named total, declared beside its Registro and translated by adapters. The grain always contains the ruta. */
export interface Medida {
  readonly grano: readonly string[];
  /** Further campos that a request may group by. */
  readonly dimensiones: readonly string[];
  readonly filtro?: Filtro;
  readonly suma: readonly string[];
  readonly version: number;
}

export interface Registro {
  readonly nombre: string;
  /** Id of the system of origin in the catalog `sistemas`; it outlives the adapter. */
  readonly sistema: string;
  /** Identity. Ends in `ordinal` where the source repeats rows with all dimensions equal. */
  readonly clave: readonly string[];
  /** Routing key: an entity, a territory, a year. Computable from the record. */
  readonly ruta: readonly string[];
  readonly accesos: Readonly<Record<string, Acceso>>;
  readonly campos: Readonly<Record<string, Campo>>;
  readonly medidas: Readonly<Record<string, Medida>>;
  /** A logico campo that says whether the record speaks of a natural person; false lifts the class `personal`. */
  readonly personalCuando?: string;
}

const campo =
  (tipo: TipoCampo, comparador: Comparador = 'exacto') =>
  (mas: Partial<Campo> = {}): Campo => ({ tipo, comparador, clase: 'publico', nulo: true, ...mas });

/** Constructors of campos, one per type. `{ nulo: false }` marks what every record has. */
export const texto = campo('texto', 'texto');
export const codigo = campo('codigo');
export const entero = campo('entero');
export const dinero = (mas: Partial<Campo> = {}): Campo =>
  campo('dinero')({ unidad: 'COP', ...mas });
export const decimal = campo('decimal');
export const fecha = campo('fecha');
export const fechahora = campo('fechahora');
export const logico = campo('logico');

type Declaracion = Omit<Registro, 'medidas'> & { readonly medidas?: Registro['medidas'] };

/** Checks a declaration once, at load: every campo it names exists and every medida keeps the ruta in its grain. */
export function defineRegistro(declaracion: Declaracion): Registro {
  const registro: Registro = { medidas: {}, ...declaracion };
  const known = new Set(Object.keys(registro.campos));
  const requireCampos = (names: readonly string[], where: string): void => {
    for (const name of names) {
      if (!known.has(name)) throw new Error(`${registro.nombre}: ${where} names no campo: ${name}`);
    }
  };
  requireCampos(registro.clave, 'clave');
  requireCampos(registro.ruta, 'ruta');
  for (const [name, acceso] of Object.entries(registro.accesos)) {
    requireCampos(acceso.claves, `acceso ${name}`);
  }
  for (const [name, medida] of Object.entries(registro.medidas)) {
    requireCampos([...medida.grano, ...medida.dimensiones, ...medida.suma], `medida ${name}`);
    const missing = registro.ruta.filter((part) => !medida.grano.includes(part));
    if (missing.length > 0) {
      throw new Error(`${registro.nombre}: medida ${name} lacks ruta ${missing.join(', ')}`);
    }
  }
  return registro;
}
