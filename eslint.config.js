import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Data flows down this list; an import that goes back up is an error (docs/decisions/package-boundaries.md). */
const mayImport = {
  orderflow: [],
  footprint: ['orderflow'],
  scoring: ['orderflow', 'footprint'],
  housecleaning: [],
  adapters: ['orderflow', 'footprint', 'scoring', 'housecleaning'],
  sdk: [],
};
const pure = new Set(['orderflow', 'footprint', 'scoring', 'sdk']);
const testFiles = ['**/*.test.ts', '**/*.test-d.ts', '**/*.bench.ts'];

const boundaries = Object.entries(mayImport).map(([name, allowed]) => ({
  files: [`packages/${name}/src/**/*.ts`],
  ignores: testFiles,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: Object.keys(mayImport)
              .filter((other) => other !== name && !allowed.includes(other))
              .map((other) => `@tapekit/${other}*`)
              .concat('@tapekit/tooling*'),
            message: `${name} may import ${allowed.length ? allowed.join(', ') : 'no other package'} only.`,
          },
          ...(pure.has(name)
            ? [
                {
                  group: ['node:*', 'ws', 'fflate', ...(name === 'sdk' ? [] : ['zod', 'zod/*'])],
                  message: `${name} runs in Node, workerd and browsers and stays free of this.`,
                },
              ]
            : []),
        ],
      },
    ],
  },
}));

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '**/build/',
      '**/.svelte-kit/',
      '**/.wrangler/',
      'coverage/',
      'docs/reference/',
      'docs/.vitepress/cache/',
      'docs/.vitepress/dist/',
      '**/worker-configuration.d.ts',
      'examples/node/web/',
      // AssemblyScript: TypeScript in looks, another language.
      'packages/footprint/wasm/',
      'packages/housecleaning/wasm/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      // Reading JSON as a named type says more than a cast at each caller.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: testFiles,
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  { files: ['**/*.{js,mjs,ts}'], languageOptions: { globals: globals.node } },
  ...boundaries,
);
