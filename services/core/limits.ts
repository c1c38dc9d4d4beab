/** Bounds on what one request may hold or bring about. Far above what devices do; they keep one request from costing much. */
export const Limits = {
  /** Values of one list: of an attribute, or of a request parameter. Beyond it 4000. */
  listMembers: 256,
  /** Members of all objects of a payload together. Beyond it 4000. */
  payloadMembers: 10_000,
  /** Values of one condition of filter criteria, each of which many resources are compared with. Beyond it 4000. */
  conditionValues: 64,
  /** Characters of a requestIdentifier. Beyond them 4000. */
  requestIdentifierLength: 256,
  /** Characters of an ID or URI in an attribute. Beyond them 4000. */
  addressLength: 2048,
  /** Characters of a label. Beyond them 4000. */
  labelLength: 256,
  /** Subscriptions of one resource, each of which every event is matched with. Beyond it 5207. */
  subscriptionsPerResource: 256,
  /** Levels below the CSEBase on which there are resources with children: paths grow with them. Beyond them 5207. */
  treeLevels: 64,
} as const;

/**
 * Lists that may hold less than others, by the short name of their attribute or member, since each value costs something at
 * every request (access) or event (notification). Beyond it 4000.
 */
export const shorterLists: Readonly<Record<string, number>> = {
  /** Policies of a resource. */
  acpi: 16,
  /** Rules of a policy, and originators of a rule. */
  acr: 64,
  acor: 128,
  /** Targets of a subscription. */
  nu: 32,
};
