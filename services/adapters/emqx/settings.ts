/** The parts of emqx.conf that access needs. */

/** `iterations` as the hashes have it; `left`: users whose passwords could not be written. */
export function fileSettings(iterations: number, left: readonly string[]): string {
  const missing = left.map((name) => `# No password in users.json, its hash is of another kind: ${name}\n`).join('');
  return `${missing}${common}
authentication = [
  {
    mechanism = password_based
    backend = built_in_database
    user_id_type = username
    password_hash_algorithm { name = pbkdf2, mac_fun = sha512, iterations = ${iterations}, dk_length = 64 }
    bootstrap_type = hash
    bootstrap_file = "/etc/emqx/in-cse/users.json"
  }
]
authorization.sources = [
  { type = file, enable = true, path = "/etc/emqx/in-cse/acl.conf" }
]
`;
}

export function httpSettings(): string {
  return `${common}
authentication = [
  {
    mechanism = password_based
    backend = http
    method = post
    url = "http://127.0.0.1:8090/authenticate"
    headers { "content-type" = "application/json", "x-in-cse-secret" = "the value of IN_CSE_ACCESS_SECRET" }
    body {
      username = "\${username}", password = "\${password}"
      cert_common_name = "\${cert_common_name}", peerhost = "\${peerhost}"
    }
  }
]
authorization.sources = [
  {
    type = http
    enable = true
    method = post
    url = "http://127.0.0.1:8090/authorize"
    headers { "content-type" = "application/json", "x-in-cse-secret" = "the value of IN_CSE_ACCESS_SECRET" }
    body {
      username = "\${username}", cert_common_name = "\${cert_common_name}"
      action = "\${action}", topic = "\${topic}", retain = "\${retain}"
    }
  }
]
`;
}

/**
 * A source that cannot be reached says nothing, and then `no_match` decides. Rights are kept for a minute only, so that a
 * revoked one ends. The client id of a device begins with its name: another's would take over that one's session; our
 * processes keep theirs, on a listener of their own. On a listener with certificates the common name is the user name and
 * there is no password to check, so it must not let anybody in without a certificate.
 */
const common = `authorization {
  no_match = deny
  deny_action = ignore
  cache { enable = true, ttl = 1m }
}
mqtt {
  max_packet_size = 264KB
  retain_available = false
  exclusive_subscription = false
  max_inflight = 1000
  max_mqueue_len = 100000
  shared_subscription_strategy = hash_clientid
  clientid_override = "concat([username, '/', clientid])"
}
retainer.enable = false
zones.certificates.mqtt.peer_cert_as_username = cn
zones.services.mqtt { peer_cert_as_username = cn, clientid_override = "clientid" }
listeners.tcp.default.enable = false
listeners.ws.default.enable = false
listeners.wss.default.enable = false
listeners.ssl.default { bind = 8883, ssl_options ${tls('verify = verify_none')} }
listeners.ssl.certificates ${certified('certificates', 8884)}
# Devices must not reach this one.
listeners.ssl.services ${certified('services', 8885)}
`;

function certified(zone: string, port: number): string {
  const options = tls('verify = verify_peer, fail_if_no_peer_cert = true');
  return `{ bind = ${port}, zone = ${zone}, enable_authn = false, ssl_options ${options} }`;
}

function tls(verify: string): string {
  const [ca, certificate, key] = ['ca', 'server', 'server.key'].map((name) => `"/etc/emqx/in-cse/${name}.pem"`);
  return `{ cacertfile = ${ca}, certfile = ${certificate}, keyfile = ${key}, ${verify} }`;
}
