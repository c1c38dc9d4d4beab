/** The tree of an XML document, by fast-xml-parser; nothing of its entity handling is used. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { CodecError } from './codec-error.ts';
import { maximumDepth, refuseName } from './wire.ts';
import { guardDocument, resolveReferences } from './xml-text.ts';

export interface XmlElement {
  name: string;
  /** Without namespace declarations and schema hints. */
  attributes: [string, string][];
  elements: XmlElement[];
  /** All its own text, references resolved. */
  text: string;
}

/** As the parser gives it: one name, its children, and perhaps attributes. */
type ParserNode = Record<string, ParserNode[] | string | Record<string, string>>;

const textName = '#text';
const cdataName = '#cdata';
const attributesName = ':@';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  textNodeName: textName,
  cdataPropName: cdataName,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: maximumDepth,
  jPath: false,
});

/** The root element. Throws CodecError for what is not well-formed or not allowed. */
export function parseTree(text: string): XmlElement {
  guardDocument(text);
  const roots = elementsOf(parsed(text), 1);
  const [root] = roots;
  if (root === undefined || roots.length !== 1) throw new CodecError('The payload is not an XML document.');
  return root;
}

function parsed(text: string): ParserNode[] {
  try {
    if (XMLValidator.validate(text) === true) return parser.parse(text) as ParserNode[];
  } catch {
    // The parser's texts quote the payload: ours do not.
  }
  throw new CodecError('The payload is not well-formed XML.');
}

function elementsOf(nodes: readonly ParserNode[], depth: number): XmlElement[] {
  if (depth > maximumDepth) throw new CodecError(`The payload is nested deeper than ${maximumDepth} levels.`);
  const elements: XmlElement[] = [];
  for (const node of nodes) {
    const name = nameOf(node);
    if (name === textName || name === cdataName || name === '') continue;
    refuseName(name);
    const children = node[name] as ParserNode[];
    elements.push({
      name,
      attributes: attributesOf(node[attributesName] as Record<string, string> | undefined),
      elements: elementsOf(children, depth + 1),
      text: textIn(children),
    });
  }
  return elements;
}

function nameOf(node: ParserNode): string {
  for (const name in node) if (name !== attributesName) return name;
  return '';
}

function textIn(children: readonly ParserNode[]): string {
  let text = '';
  for (const child of children) {
    const own = child[textName];
    if (typeof own === 'string') text += resolveReferences(own);
    const sections = child[cdataName];
    if (Array.isArray(sections)) for (const section of sections) text += String(section[textName] ?? '');
  }
  return text;
}

function attributesOf(attributes: Record<string, string> | undefined): [string, string][] {
  const kept: [string, string][] = [];
  if (attributes === undefined) return kept;
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'xmlns' || name.startsWith('xmlns:') || name.startsWith('xsi:')) continue;
    refuseName(name);
    kept.push([name, resolveReferences(value)]);
  }
  return kept;
}
