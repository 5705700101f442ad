import tseslint from 'typescript-eslint';

const forbid = (files, ...patterns) => ({
  files,
  ignores: ['**/*.test.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: patterns.map(([regex, message]) => ({ regex, message })) },
    ],
  },
});

/** The arrows of the house: schema ← adapters ← subgraphs ← gateway ← tests. tests/architecture.test.ts tries each one. */
const arrows = [
  forbid(
    ['schema/**/*.ts'],
    ['(^|/)(adapters|subgraphs|gateway|sandbox)(/|$)', 'schema imports nothing of the project'],
  ),
  forbid(
    ['adapters/*.ts'],
    ['(^|/)(gateway|subgraphs|sandbox)(/|$)', 'adapters know neither gateway nor subgraphs'],
    ['^(graphql$|@graphql-tools/|@apollo/)', 'adapters know no GraphQL'],
  ),
  forbid(
    ['adapters/*/**/*.ts'],
    ['(^|/)(gateway|subgraphs|sandbox)(/|$)', 'adapters know neither gateway nor subgraphs'],
    ['^(graphql$|@graphql-tools/|@apollo/)', 'adapters know no GraphQL'],
    [
      '^\\.\\./(?!\\.\\./(schema|tests)(/|$)|\\.\\./\\.\\./schema(/|$)|\\.\\./(contract|errors)(\\.js)?$|shared(/|$)|(contract|errors)(\\.js)?$)',
      'an adapter imports schema, shared, contract and errors; never a sibling',
    ],
  ),
  // Parts of shared build on each other: http on resilience, soda on http.
  forbid(
    ['adapters/shared/**/*.ts'],
    ['(^|/)(gateway|subgraphs|sandbox)(/|$)', 'adapters know neither gateway nor subgraphs'],
    ['^(graphql$|@graphql-tools/|@apollo/)', 'adapters know no GraphQL'],
    [
      '^(\\.\\./)+(sigep|fut|cuipo|siif|sicodis|piip|secop|mipg|erp|unico)(/|$)',
      'shared knows no single system',
    ],
  ),
  forbid(
    ['subgraphs/*/**/*.ts'],
    [
      '^\\.\\./(?!\\.\\./(schema/|tests/|adapters/(contract|errors)(\\.js)?$)|subgraph(\\.js)?$|shared(/|$))',
      'a subgraph imports schema, the contract and subgraph.ts; never a sibling nor an adapter',
    ],
  ),
  forbid(
    ['gateway/**/*.ts'],
    ['(^|/)adapters/(?!(contract|errors|index)(\\.js)?$)', 'the gateway knows no single system'],
    ['(^|/)subgraphs/(?!(subgraph|index)(\\.js)?$)', 'the gateway knows no single domain'],
    ['(^|/)sandbox(/|$)', 'the gateway speaks to the sandbox over its wires only'],
  ),
  forbid(
    ['sandbox/**/*.ts'],
    ['(^|/)(adapters|subgraphs|gateway)(/|$)', 'the sandbox shares no code with what it tests'],
  ),
];

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      'dist/',
      'coverage/',
      'bench/peers/',
      'gateway/pages/assets/',
      'gateway/pages/graphiql/',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'settings are read in gateway/settings.ts only',
        },
      ],
    },
  },
  {
    files: [
      'gateway/settings.ts',
      '**/*.test.ts',
      'tests/**/*.ts',
      'bench/**/*.ts',
      'sandbox/**/*.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  ...arrows,
);
