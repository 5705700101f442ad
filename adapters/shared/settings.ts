/** A setting as its owner declares it. The gateway reads all of them, once, and hands each adapter its own values. */
export interface SettingDeclaration {
  /** Name of the environment variable. */
  readonly name: string;
  readonly kind: 'url' | 'text' | 'dir' | 'int' | 'bool';
  readonly default?: string;
  /** Spanish, for the table of settings and for the message when the value is wrong. */
  readonly meaning: string;
  /** Never printed. */
  readonly secret?: boolean;
}

/** What an adapter gets: a name without value and default is absent. */
export type SettingValues = Readonly<Record<string, string | undefined>>;
