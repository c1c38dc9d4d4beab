/** Answers and notifications in a form that people read. */
import {
  type Attributes,
  isVerbatimJson,
  type PrimitiveContent,
  type ResponsePrimitive,
} from '../../core/primitives.ts';
import { resourceTypeByMember } from '../../core/resource-types/registry.ts';
import { statusCode } from '../../core/status-codes.ts';

/** Status, what it means and how to go on, and the content. */
export function answerText(response: ResponsePrimitive): string {
  const { responseStatusCode: code, content, contentStatus, contentOffset } = response;
  const known = statusCode(code);
  const lines = [known === undefined ? String(code) : `${code} ${known.name}: ${known.meaning}`];
  const debug = content?.['m2m:dbg'];
  if (typeof debug === 'string') lines.push(`  ${debug}`);
  else if (content !== undefined) lines.push(...contentLines(content));
  if (contentStatus === 1) {
    const next = contentOffset === undefined ? '' : `; go on with --offset ${contentOffset}`;
    lines.push(`This is a part of the result${next}.`);
  }
  if (known?.retry === true) lines.push('The same request may succeed later.');
  return lines.join('\n');
}

/** Every resource with its attributes, nested ones indented. */
export function contentLines(content: PrimitiveContent, indent = ''): string[] {
  return Object.entries(content).flatMap(([name, value]) => memberLines(name, value, indent));
}

function memberLines(name: string, value: unknown, indent: string): string[] {
  if (name === 'm2m:uril' && Array.isArray(value)) return value.map((uri) => `${indent}${String(uri)}`);
  if (!isObject(value)) return [`${indent}${name}  ${shown(value)}`];
  return [`${indent}${name}`, ...attributeLines(name, value, `${indent}  `)];
}

function attributeLines(member: string, attributes: Attributes, indent: string): string[] {
  const longNames = resourceTypeByMember(member)?.attribute;
  const plain = Object.entries(attributes).filter(([name, value]) => !isChildren(name, value));
  const rows = plain.map(([name, value]) => [name, shown(value), longNames?.get(name)?.long ?? ''] as const);
  const nameWidth = Math.max(0, ...rows.map(([name]) => name.length));
  const valueWidth = Math.min(40, Math.max(0, ...rows.map(([, value]) => value.length)));
  const lines = rows.map(([name, value, long]) =>
    `${indent}${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${long}`.trimEnd(),
  );
  const children = Object.entries(attributes).filter(([name, value]) => isChildren(name, value));
  return [
    ...lines,
    ...children.flatMap(([name, value]) =>
      (value as Attributes[]).flatMap((child) => memberLines(name, child, indent)),
    ),
  ];
}

/** Child resources stand under the name of their root element (TS-0004 8.4.2). */
function isChildren(name: string, value: unknown): boolean {
  return name.includes(':') && Array.isArray(value) && value.every(isObject);
}

function isObject(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isVerbatimJson(value);
}

function shown(value: unknown): string {
  if (isVerbatimJson(value)) return value.$json;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
