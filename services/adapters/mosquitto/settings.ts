/** The part of mosquitto.conf that access needs. */

export interface MosquittoPlaces {
  /** Where the access files are. */
  folder: string;
  /** Port, and address to bind to where not all, of devices with a password; without it none is opened. The same below. */
  passwordListener?: string;
  /** Of devices with a certificate, whose common name is their identity. */
  certificateListener?: string;
  /** Of our own processes, with a certificate. */
  serviceListener?: string;
  caFile: string;
  certFile: string;
  keyFile: string;
  plugin: string;
}

const usual: MosquittoPlaces = {
  folder: '/etc/mosquitto/in-cse',
  passwordListener: '8883',
  certificateListener: '8884',
  serviceListener: '8885',
  caFile: '/etc/mosquitto/in-cse/ca.pem',
  certFile: '/etc/mosquitto/in-cse/server.pem',
  keyFile: '/etc/mosquitto/in-cse/server.key',
  plugin: '/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so',
};

/**
 * For mosquitto 2.0. Devices get their user name as client id: another client id would take over the session of whoever has
 * it, our ingress included, with its place in the share group. So a device has one connection for each credential. Our own
 * processes need several client ids and get a listener of their own, which devices must not reach.
 */
export function mosquittoSettings(places: Partial<MosquittoPlaces> = {}): string {
  const all = places.folder === undefined ? { ...usual, ...places } : { ...usual, ...noListeners, ...places };
  const { folder, passwordListener, certificateListener, serviceListener } = all;
  const certificates = ['require_certificate true', 'use_identity_as_username true'];
  const lines = [
    'allow_anonymous false',
    `password_file ${folder}/passwords`,
    `plugin ${all.plugin}`,
    `plugin_opt_config_file ${folder}/dynamic-security.json`,
    '# Nobody publishes retained messages (TS-0010 5.1): who does is disconnected.',
    'retain_available false',
    '# 256 KB of payload, as ingress and log have it, and the topic.',
    'max_packet_size 270336',
    ...queues,
    ...listener('Devices with a password.', passwordListener, all, ['use_username_as_clientid true']),
    ...listener('Devices with a certificate: its common name is the identity.', certificateListener, all, [
      ...certificates,
      'use_username_as_clientid true',
    ]),
    ...listener('Our own processes. Devices must not reach it.', serviceListener, all, certificates),
  ];
  return `${lines.join('\n')}\n`;
}

const noListeners = { passwordListener: undefined, certificateListener: undefined, serviceListener: undefined };

/** docs/brokers.md says why. */
const queues = ['max_inflight_messages 0', 'max_queued_messages 0', 'max_queued_bytes 0', 'set_tcp_nodelay true'];

function listener(what: string, place: string | undefined, places: MosquittoPlaces, more: string[]): string[] {
  if (place === undefined) return [];
  const tls = [`cafile ${places.caFile}`, `certfile ${places.certFile}`, `keyfile ${places.keyFile}`];
  return ['', `# ${what}`, `listener ${place}`, ...tls, ...more];
}
