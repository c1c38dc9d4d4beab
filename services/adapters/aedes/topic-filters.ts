/** Which topics belong to a growing set of filters (MQTT 4.7). A topic is compared level by level, whatever the number of filters. */
interface Node {
  children: Map<string, Node>;
  any?: Node;
  /** A filter ends here. */
  ends: boolean;
  /** A filter ends with `#` behind this level. */
  rest: boolean;
}

function createNode(): Node {
  return { children: new Map(), ends: false, rest: false };
}

export class TopicFilters {
  readonly #root = createNode();

  add(filter: string): void {
    let node = this.#root;
    for (const level of filter.split('/')) {
      if (level === '#') {
        node.rest = true;
        return;
      }
      node = level === '+' ? wildcard(node) : child(node, level);
    }
    node.ends = true;
  }

  matches(topic: string): boolean {
    return !topic.startsWith('$') && descend(this.#root, topic, 0);
  }
}

function child(node: Node, level: string): Node {
  let found = node.children.get(level);
  if (found === undefined) {
    found = createNode();
    node.children.set(level, found);
  }
  return found;
}

function wildcard(node: Node): Node {
  node.any ??= createNode();
  return node.any;
}

/** `at` is where the next level begins; beyond the end all levels are consumed. */
function descend(node: Node, topic: string, at: number): boolean {
  if (node.rest) return true;
  if (at > topic.length) return node.ends;
  const slash = topic.indexOf('/', at);
  const end = slash < 0 ? topic.length : slash;
  const named = node.children.get(topic.slice(at, end));
  if (named !== undefined && descend(named, topic, end + 1)) return true;
  return node.any !== undefined && descend(node.any, topic, end + 1);
}
