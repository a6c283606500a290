/**
 * Lint: typescript-eslint's strict rules with types, for servers, tests and the web alike; Svelte's recommended ones.
 * Layout is prettier's. Nothing may be switched off in a file (`noInlineConfig`): a rule that is wrong goes from here.
 */
import { defineConfig, globalIgnores } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const LUCIDE = 'Import each icon by its own path (@lucide/svelte/icons/…): the barrel holds thousands.';

export default defineConfig(
  globalIgnores(['build/', '.local/', 'coverage/', 'web/.svelte-kit/', 'web/src/paraglide/', 'web/node_modules/']),
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  ts.configs.strictTypeChecked,
  svelte.configs.recommended,
  prettier,
  svelte.configs.prettier,
  {
    languageOptions: {
      globals: { ...globals.node },
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        // The same for all files: the parser keeps one program only as long as this does not change.
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 400 }],
      'no-console': 'error',
      'no-restricted-imports': ['error', { paths: [{ name: '@lucide/svelte', message: LUCIDE }] }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSAsExpression > TSAsExpression > TSUnknownKeyword', message: 'Parse it: a cast through unknown believes anything.' },
        {
          selector: 'ObjectExpression > SpreadElement > ObjectExpression',
          message: 'Its properties are this object’s own: write them out.',
        },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A number in a sentence is plain; everything else that has no text of its own stays refused.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // openid-client marks it only to make it stand out; ours is for issuers on loopback alone (web/src/lib/server/oidc.ts).
      '@typescript-eslint/no-deprecated': [
        'error',
        { allow: [{ from: 'package', package: 'openid-client', name: 'allowInsecureRequests' }] },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts', '**/*.svelte.js'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      // `void this.#version` reads a rune, so that what reads it is run again: that is its meaning.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // It takes every Map and Set for state; those that are not would only cost more.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['web/src/**'],
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      // The desk has a host name of its own (config/check.ts): there is no base path for `resolve` to add.
      'svelte/no-navigation-without-resolve': 'off',
      // A space that must stay between two blocks is written {' '}.
      'svelte/no-useless-mustaches': 'off',
    },
  },
  // Stands in for a library's classes, which are made only to say that they cannot be used.
  { files: ['appservice/no-native-crypto/**'], rules: { '@typescript-eslint/no-extraneous-class': 'off' } },
  // Command lines speak to a terminal.
  {
    files: ['test/**', 'config/generate.ts', 'bots/generate.ts', 'bots/new-bot.ts', 'appservice/admin/cli.ts', 'web/server.ts'],
    rules: { 'no-console': 'off' },
  },
  { files: ['**/*.js', '**/*.mjs', '**/*.cjs'], extends: [ts.configs.disableTypeChecked] },
);
