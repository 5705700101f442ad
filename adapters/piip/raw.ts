/** A row of one of the datasets as datos.gov.co writes it: texts only, without the nulls. */
export type PiipRaw = Readonly<Record<string, string | undefined>>;
