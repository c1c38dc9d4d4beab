/** From `to` to a resource, or to the shard where it may be (TS-0001 7.2, 9.3.1; R6, R8). */
import { type OwnAddress, parseAddress, routeOfRequest } from '../addressing.ts';
import { isAeStem } from '../identifiers.ts';
import { Operation } from '../primitives.ts';
import type { StoredResource } from '../resource.ts';
import { resourceTypeByNumber } from '../resource-types/registry.ts';
import { shardOfBase, shardOfId, shardOfName } from '../sharding.ts';
import { CseError, Status } from '../status-codes.ts';
import { findBase, firstNameOf, pathOfChild } from './find-parent.ts';
import type { RequestSituation } from './situation.ts';

export type Search = { kind: 'found'; resource: StoredResource } | { kind: 'elsewhere'; shard: number };

/** Reads `to`. Throws 4000 for what is no address, 4004 for another CSE, 4005 for what a virtual resource never does. */
export function readTarget({ request, cse }: RequestSituation): OwnAddress {
  const address = parseAddress(request.to, cse);
  if (address.scope === 'invalid') throw new CseError(Status.badRequest, address.reason);
  // There are no registered CSEs to forward to (TS-0004 7.3.2.6).
  if (address.scope === 'elsewhere') {
    throw new CseError(Status.notFound, `There is no route to the CSE ${address.cseId.slice(0, 80)}.`);
  }
  if (address.attribute !== undefined && request.operation !== Operation.retrieve) {
    throw new CseError(Status.badRequest, 'Only a RETRIEVE can name an attribute behind #.');
  }
  const isOnInstance = address.virtual === 'la' || address.virtual === 'ol';
  if (isOnInstance && request.operation !== Operation.retrieve && request.operation !== Operation.delete) {
    throw new CseError(Status.operationNotAllowed, `${address.virtual} can be retrieved and deleted only.`);
  }
  return address;
}

/** Throws 4004 where nothing is; what is not known yet is thrown by the working set. */
export function findTarget(situation: RequestSituation, address: OwnAddress): Search {
  const search = findAddressed(situation, address);
  if (search.kind === 'elsewhere' || address.virtual === undefined) return search;
  return { kind: 'found', resource: findVirtual(situation, search.resource, address) };
}

function findAddressed(situation: RequestSituation, address: OwnAddress): Search {
  switch (address.form) {
    case 'base':
      return findCseBase(situation, address);
    case 'structured':
      return findByPath(situation, address.path);
    case 'unstructured':
      return findById(situation, address.id, address.rest);
  }
}

/** What is created below the CSEBase is decided where it will live (architecture §2). */
function findCseBase(situation: RequestSituation, address: OwnAddress): Search {
  const { cse, request, owns } = situation;
  const shard = request.operation === Operation.create ? shardOfNewcomer(situation, address) : shardOfBase(cse.number);
  return owns(shard) ? found(findBase(situation)) : { kind: 'elsewhere', shard };
}

/** The shard of a child of the CSEBase that is to be created, as ingress computes it. */
export function shardOfNewcomer({ request, cse, input }: RequestSituation, address: OwnAddress): number {
  const originator = input.originator === '' ? request.originator : input.originator;
  const asked = originator === undefined ? request : { ...request, originator };
  return routeOfRequest(asked, address, cse, input.duplicateKey, () => undefined);
}

function findByPath({ cse, known, owns }: RequestSituation, path: string): Search {
  const shard = shardOfName(cse.number, firstNameOf(path));
  return owns(shard) ? found(known.resourceAt(cse.number, shard, path)) : { kind: 'elsewhere', shard };
}

function findById(situation: RequestSituation, id: string, rest: string | undefined): Search {
  const { cse, known } = situation;
  const search = findUnstructured(situation, id);
  if (search.kind === 'elsewhere' || rest === undefined) return search;
  const { shard } = search.resource;
  return found(known.resourceAt(cse.number, shard, pathOfChild(search.resource, rest)));
}

/** An AE-ID may live elsewhere than it looks: the directory knows (R8). */
function findUnstructured({ cse, known, owns }: RequestSituation, id: string): Search {
  const guess = shardOfId(cse.number, id);
  if (!isAeStem(id)) {
    return owns(guess) ? found(known.resource(cse.number, guess, id)) : { kind: 'elsewhere', shard: guess };
  }
  const resource = owns(guess) ? known.resource(cse.number, guess, id) : null;
  if (resource !== null) return { kind: 'found', resource };
  const home = known.aeHome(cse.number, id);
  if (home === null || (home === guess && owns(guess))) throw notFound();
  return owns(home) ? found(known.resource(cse.number, home, id)) : { kind: 'elsewhere', shard: home };
}

function found(resource: StoredResource | null): Search {
  if (resource === null) throw notFound();
  return { kind: 'found', resource };
}

function notFound(): CseError {
  return new CseError(Status.notFound, 'There is no such resource.');
}

/** `la` and `ol` stand for an instance (TS-0004 6.8); other virtual resources are not built yet. */
function findVirtual(situation: RequestSituation, parent: StoredResource, address: OwnAddress): StoredResource {
  const { virtual, virtualRest } = address;
  const exists = resourceTypeByNumber(parent.type)?.virtualChildren.includes(virtual ?? '') === true;
  if (!exists || virtualRest !== undefined) throw notFound();
  if (virtual !== 'la' && virtual !== 'ol') {
    throw new CseError(Status.notImplemented, `This CSE does not have ${virtual} yet.`);
  }
  // Before existence, like every 4005 (TS-0004 7.3.2.1).
  if (parent.attributes.disr === true) throw retrievalDisabled();
  const instance = virtual === 'la' ? situation.known.latest(parent) : situation.known.oldest(parent);
  if (instance === null) throw new CseError(Status.notFound, 'The container has no instance.');
  return instance;
}

/** disableRetrieval of the container (TS-0001 9.6.6). */
export function retrievalDisabled(): CseError {
  return new CseError(
    Status.operationNotAllowed,
    'The container has switched off the retrieval and deletion of its instances (disr).',
  );
}
