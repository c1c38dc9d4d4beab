/** Who we are to Kafka, asked anew for each authentication: a changed password needs no new client. */
import { createRequire } from 'node:module';
import kafkajs, { type Authenticator, type KafkaConfig } from 'kafkajs';
import type { KafkaCredentials } from './connection.ts';

type Sasl = NonNullable<KafkaConfig['sasl']>;
type Provider = Extract<Sasl, { authenticationProvider: unknown }>['authenticationProvider'];

const files: Record<KafkaCredentials['mechanism'], string> = {
  plain: 'plain',
  'scram-sha-256': 'scram256',
  'scram-sha-512': 'scram512',
};

/**
 * KafkaJS 2.2.4 keeps the password that it was made with, and a consumer that was refused once ends for good
 * (KafkaJSSASLAuthenticationError is not retriable). While a password is being changed a refusal is nothing but a moment in
 * time: here it is an error of the connection, after which everybody tries again.
 */
export function saslOf(credentials: () => KafkaCredentials): Sasl {
  const load = createRequire(import.meta.url);
  const { mechanism } = credentials();
  // The exchange itself is the library's.
  const builtIn = load(`kafkajs/src/broker/saslAuthenticator/${files[mechanism]}.js`) as (
    credentials: KafkaCredentials,
  ) => Provider;
  const authenticationProvider: Provider = (of) => ({
    async authenticate() {
      try {
        const authenticator: Authenticator = builtIn(credentials())(of);
        await authenticator.authenticate();
      } catch (error) {
        throw new kafkajs.KafkaJSConnectionError((error as Error).message, { broker: `${of.host}:${of.port}` });
      }
    },
  });
  return { mechanism, authenticationProvider };
}
