import { withParts } from '../../parts/with-parts.ts';
import { kafkaContract } from './kafka-suite.ts';

// Members whose coordinator was killed are to be missed within the suite's short session timeouts.
const settings = { 'group.min.session.timeout.ms': 1000 };
const parts = withParts({ kafka: { nodes: 1, quickFailover: true, settings } }, { own: true });

kafkaContract(1, parts.kafka, parts.skip);
