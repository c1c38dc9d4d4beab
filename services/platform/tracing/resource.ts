/** Who speaks, in every span: the process by name and instance, and what OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME add. */
import {
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';

export function resourceOf({
  service,
  instance,
  version,
}: Record<'service' | 'instance' | 'version', string>): Resource {
  const ours = resourceFromAttributes({
    'service.name': `in-cse-${service}`,
    'service.instance.id': instance,
    'service.version': version,
  });
  return ours.merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));
}
