/** A client that a broker lets in. */
export interface BrokerUser {
  name: string;
  password: string;
  /** Topic filters that it may publish and subscribe to; all if absent. */
  filters?: readonly string[];
}

/** `mqtt://name:password@host:port`, or without credentials if there is no user. */
export function brokerUrl(port: number, user?: BrokerUser): string {
  const credentials =
    user === undefined ? '' : `${encodeURIComponent(user.name)}:${encodeURIComponent(user.password)}@`;
  return `mqtt://${credentials}127.0.0.1:${port}`;
}
