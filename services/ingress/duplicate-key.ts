/** The key by which a repeated request is recognised (R16): 16 bytes in base64url, 22 characters. */
import { hash } from 'node:crypto';
import type { AdmittedRequest } from './admit-request.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Of the CSE, who asks (the canonical originator of the topic; where that is a credential, the credential and `fr`), the
 * requestIdentifier and what is asked (`op to ty pc fc`, hashed by the codec). Timestamps are no part of it.
 */
export function duplicateKeyOf(admitted: AdmittedRequest): string {
  const { topic, primitive } = admitted;
  const who = topic.registration ? `${topic.originatorLevel}\n${primitive.originator ?? ''}` : `${topic.originator}\n`;
  const digest = hash(
    'sha256',
    `${topic.cse.number}\n${topic.registration ? 'r' : 'a'}\n${who}\n${primitive.requestIdentifier}\n${primitive.digest}`,
    'base64url',
  );
  // Of the 22nd digit only two bits belong to the first 16 bytes.
  return digest.slice(0, 21) + alphabet[alphabet.indexOf(digest[21]!) & 0b110000]!;
}
