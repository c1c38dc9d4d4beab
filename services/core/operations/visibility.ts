/** Which of many resources the originator may see: each policy holder is asked once (TS-0004 7.3.3.14, 7.3.3.15). */
import type { AccessOperation } from '../access-control.ts';
import { MissingFact, type Need } from '../decision.ts';
import type { StoredResource } from '../resource.ts';
import { findParent, firstLevelIdOf } from './find-parent.ts';
import { findPolicyHolder, holderPermits, isAdmin } from './permissions.ts';
import type { Situation } from './situation.ts';

const aeType = 2;
const inactive = 2;

export class Visibility {
  readonly #situation: Situation;
  readonly #right: AccessOperation;
  /** Skip what is below an AE that is not active (TS-0001 9.6.5 `regs`). */
  readonly #activeOnly: boolean;
  readonly #seen = new Map<string, StoredResource>();
  readonly #permitted = new Map<string, boolean>();
  readonly #active = new Map<string, boolean>();

  constructor(situation: Situation, root: StoredResource, right: AccessOperation, activeOnly: boolean) {
    this.#situation = situation;
    this.#right = right;
    this.#activeOnly = activeOnly;
    this.#seen.set(root.id, root);
  }

  /** The resources of a page that are visible, in order. What is missing for any of them is thrown at once. */
  visible(page: readonly StoredResource[]): StoredResource[] {
    for (const resource of page) this.#seen.set(resource.id, resource);
    const visible: StoredResource[] = [];
    const missing: Need[] = [];
    for (const resource of page) {
      try {
        if (this.#isVisible(resource)) visible.push(resource);
      } catch (thrown) {
        if (!(thrown instanceof MissingFact)) throw thrown;
        missing.push(...thrown.needs);
      }
    }
    if (missing.length > 0) throw new MissingFact(...missing);
    return visible;
  }

  #isVisible(resource: StoredResource): boolean {
    if (this.#activeOnly && !this.#isActive(resource)) return false;
    if (isAdmin(this.#situation)) return true;
    const holder = findPolicyHolder(resource, (child) => this.#parentOf(child));
    if (holder === null) return false;
    let permitted = this.#permitted.get(holder.id);
    if (permitted === undefined) {
      permitted = holderPermits(this.#situation, holder, resource.type, this.#right);
      this.#permitted.set(holder.id, permitted);
    }
    return permitted;
  }

  #parentOf(child: StoredResource): StoredResource | null {
    return this.#seen.get(child.parentId) ?? findParent(this.#situation, child);
  }

  #isActive(resource: StoredResource): boolean {
    const id = firstLevelIdOf(resource);
    let active = this.#active.get(id);
    if (active === undefined) {
      const ancestor = this.#seen.get(id) ?? this.#situation.known.resource(resource.cse, resource.shard, id);
      active = ancestor?.type !== aeType || ancestor.attributes.regs !== inactive;
      this.#active.set(id, active);
    }
    return active;
  }
}
