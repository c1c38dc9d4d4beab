/** What is fixed for a deployment's life and stands in one row of the database, never in configuration (R1). */
export interface Deployment {
  /** Log generation: part of every fence, journal row and invented ID. */
  generation: number;
  requestsTopic: string;
  outboundTopic: string;
  deadLettersTopic: string;
  /** Partitions of the requests log (default 24). */
  requestPartitions: number;
  /** Partitions of the outbound log. */
  outboundPartitions: number;
}
