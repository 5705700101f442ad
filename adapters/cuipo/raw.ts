/** A row of one of the four datasets, or of the directory, as datos.gov.co writes it: texts, without the nulls. */
export type SodaRaw = Readonly<Record<string, string | undefined>>;

/** A row of a dump of 2021-2023 (capitals, names without codes): all forms share one set of columns, empty where foreign. */
export type VolcadoRaw = Readonly<Record<string, string>>;
