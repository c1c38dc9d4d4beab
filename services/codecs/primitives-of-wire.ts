/** Primitives of any serialization, once it is undone; whatever is wrong carries the identifier of the primitive. */
import type { RequestPrimitive, ResponsePrimitive } from '../core/primitives.ts';
import { CodecError, withIdentifier } from './codec-error.ts';
import { requestOf, responseOf } from './envelope.ts';
import type { WireObject, WirePrimitive } from './wire.ts';

/** Throws CodecError. */
export function requestFrom(wire: WirePrimitive): RequestPrimitive {
  return checked(wire, 'request', requestOf);
}

/** Throws CodecError. */
export function responseFrom(wire: WirePrimitive): ResponsePrimitive {
  return checked(wire, 'response', responseOf);
}

/** Reads the members; a primitive of the other kind is refused. Throws CodecError. */
export function checked<Primitive>(
  wire: WirePrimitive,
  kind: WirePrimitive['kind'],
  read: (members: WireObject) => Primitive,
): Primitive {
  try {
    if (wire.kind !== kind) throw new CodecError(`A ${kind} is expected here, not a ${wire.kind}.`);
    return read(wire.members);
  } catch (error) {
    throw withIdentifier(error, identifierOf(wire.members));
  }
}

/** rqi as read, if it is one. */
export function identifierOf(members: WireObject): string | undefined {
  return typeof members.rqi === 'string' && members.rqi !== '' ? members.rqi : undefined;
}
