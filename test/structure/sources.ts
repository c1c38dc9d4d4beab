/** Reads the project's own files, for tests of how the house is kept. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

/** All files that git has or would take, by their path from the root, with `/`. */
export function projectFiles(): string[] {
  const options = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const output = execFileSync('git', options, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  const files = [...new Set(output.split('\0'))].filter((file) => file !== '' && existsSync(join(root, file)));
  return files.sort();
}

/** The rooms' TypeScript. */
export function sourceFiles(): string[] {
  return projectFiles().filter((file) => /^(services|infra|load|test)\/.*\.m?[jt]s$/.test(file));
}

export function readProjectFile(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** What may stand in a source beside code. In order: comments, strings, templates, regular expressions. */
const notCode = [
  /\/\/[^\n]*/,
  /\/\*[\s\S]*?\*\//,
  /'(?:[^'\\\n]|\\.)*'/,
  /"(?:[^"\\\n]|\\.)*"/,
  /`(?:[^`\\]|\\[\s\S])*`/,
  // After what cannot end an operand, a slash opens a regular expression.
  /(?<=(?:^|[(,=:[!&|?{};\n]|\breturn|=>)\s*)\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/,
];
const anyOfThem = new RegExp(notCode.map(({ source }) => `(${source})`).join('|'), 'g');

/** The source with comments and templates blanked, so that what looks like an import is one. */
function withoutProse(source: string): string {
  return source.replace(anyOfThem, (found) => (/^(\/[/*]|`)/.test(found) ? blank(found) : found));
}

/** The source with comments, texts and regular expressions blanked, lines kept. */
export function codeOnly(source: string): string {
  return source.replace(anyOfThem, (found) => (/^\/[/*]/.test(found) ? blank(found) : `''${blank(found).slice(2)}`));
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

const importForms = [
  /\b(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]/g,
  /\bimport\s*['"]([^'"]+)['"]/g,
  /\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g,
];

/** Everything that a source imports or re-exports, types too, as it is written there. */
export function importsOf(source: string): string[] {
  const text = withoutProse(source);
  return importForms.flatMap((form) => [...text.matchAll(form)].map((match) => match[1] ?? ''));
}
