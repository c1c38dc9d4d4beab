import type { Quotas } from './quotas.ts';

/** What a flow must know of one hosted CSE. Many live in one deployment (R32): there is no global "the CSE". */
export interface CseDescription {
  /** Internal number, part of every key. */
  number: number;
  /** SP-relative CSE-ID with its leading slash, `/id-in`. */
  id: string;
  /** resourceName of the CSEBase, `cse-in`. */
  name: string;
  /** M2M-SP-ID with its leading slashes, `//sp.example`. */
  serviceProvider: string;
  /** Unstructured ID of the CSEBase. */
  baseId: string;
  /** Canonical AE-ID that has all rights and that nobody can register (decisions "Rights at first start"); none: no admin. */
  admin?: string;
  /** Originators (stems, `*` as wildcard) that may register an AE; refused otherwise with 4126. */
  registrationPatterns: string[];
  /** With true, an originator that has no AE resource is turned away with 4103 before policies are asked. */
  demandRegistration: boolean;
  /** With true, request parameters that this CSE does not know are ignored instead of answered 5001. */
  ignoreUnknownParameters: boolean;
  /** Longest life that a resource may ask for, ms. */
  maximumLifetime: number;
  /** Life of a resource that asks for none, ms; undefined: as long as its parent, or the maximum. */
  defaultLifetime?: number;
  /** How long what was answered is remembered (R17), ms; 0 switches duplicates off. */
  duplicateWindow: number;
  /** Each reg_req credential belongs to one device, so that nameless registrations can be remembered (R16). */
  credentialsPerDevice: boolean;
  /** Access points of the CSE, as its `poa` says. */
  pointsOfAccess: string[];
  /** Hosts that `nu` and `poa` URLs may name besides the own brokers (R27); `*` as wildcard. */
  notificationHosts: string[];
  /** How much of the deployment the CSE may take; absent: as much as there is. */
  quotas?: Quotas;
}
