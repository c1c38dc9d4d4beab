/** Between the wire's short names and the primitives that the services carry; the envelope is checked on the way in. */
import type { Operation, RequestPrimitive, ResponsePrimitive } from '../core/primitives.ts';
import { CodecError } from './codec-error.ts';
import { filterCriteria } from './filter-criteria.ts';
import { content, integer, nonEmptyText, requestIdentifier } from './parameter-checks.ts';
import {
  requestParameters,
  requestShortNames,
  responseParameters,
  responseShortNames,
  wireResponseType,
} from './parameters.ts';
import type { WireObject } from './wire.ts';

/** What is asked: equal for a repeated request (R16). */
export type Demand = Pick<RequestPrimitive, 'operation' | 'to' | 'resourceType' | 'content' | 'filterCriteria'>;

/** A request in two parts; its canonical text is that of both, this order. */
export interface SplitRequest {
  demand: Demand;
  /** Everything else. */
  rest: Omit<RequestPrimitive, keyof Demand>;
}

const operationCheck = integer(1, 5);
const typeCheck = integer(0);

/** Throws CodecError for whatever is missing or of the wrong type (TS-0004 7.3.2.1). */
export function splitRequestOf(wire: WireObject): SplitRequest {
  const { rqi, fr } = wire;
  const rest: SplitRequest['rest'] = { requestIdentifier: requestIdentifier(rqi, 'rqi') };
  if (fr !== undefined) assign(rest, 'originator', fr, 'fr');
  const demand: Demand = { operation: operationCheck(wire.op, 'op') as Operation, to: nonEmptyText(wire.to, 'to') };
  if (wire.ty !== undefined) demand.resourceType = typeCheck(wire.ty, 'ty') as number;
  if (wire.pc !== undefined) demand.content = content(wire.pc, 'pc');
  if (wire.fc !== undefined) demand.filterCriteria = filterCriteria(wire.fc, 'fc');
  for (const name in wire) {
    switch (name) {
      case 'op':
      case 'to':
      case 'ty':
      case 'pc':
      case 'fc':
      case 'fr':
      case 'rqi':
        break;
      default: {
        const parameter = requestParameters.get(name);
        if (parameter !== undefined) assign(rest, parameter.long, wire[name], name);
        else if (rest.unknownParameters === undefined) rest.unknownParameters = [name];
        else rest.unknownParameters.push(name);
      }
    }
  }
  return { demand, rest };
}

function assign(rest: SplitRequest['rest'], long: keyof RequestPrimitive, value: unknown, short: string): void {
  (rest as WireObject)[long] = requestParameters.get(short)?.check(value, short);
}

export function requestOf(wire: WireObject): RequestPrimitive {
  const { demand, rest } = splitRequestOf(wire);
  return { ...demand, ...rest };
}

/** Parameters that are of no use here (token requests) are dropped. Throws CodecError. */
export function responseOf(wire: WireObject): ResponsePrimitive {
  const response: WireObject = {};
  for (const name in wire) {
    const parameter = responseParameters.get(name);
    if (parameter !== undefined) response[parameter.long] = parameter.check(wire[name], name);
  }
  if (response.responseStatusCode === undefined) throw new CodecError('rsc is missing.');
  if (response.requestIdentifier === undefined) throw new CodecError('rqi is missing.');
  return response as unknown as ResponsePrimitive;
}

export function wireOfRequest(request: RequestPrimitive): WireObject {
  const wire: WireObject = {};
  for (const [long, value] of Object.entries(request)) {
    const short = requestShortNames.get(long);
    if (short !== undefined && value !== undefined) {
      wire[short] = long === 'responseType' ? wireResponseType(value) : value;
    }
  }
  return wire;
}

export function wireOfResponse(response: ResponsePrimitive): WireObject {
  const wire: WireObject = {};
  for (const long in response) {
    const short = responseShortNames.get(long);
    const value = response[long as keyof ResponsePrimitive];
    if (short !== undefined && value !== undefined) wire[short] = value;
  }
  return wire;
}
