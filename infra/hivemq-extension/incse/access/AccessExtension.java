package incse.access;

import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.interceptor.connect.ConnectInboundInterceptor;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Access of the in-cse at HiveMQ CE: the file `in-cse-access.txt` beside hivemq-extension.xml says who may do what. It is read
 * at the start, where a faulty one lets nobody in, and again when it changes, where a faulty one changes nothing.
 */
public class AccessExtension implements ExtensionMain {
  private static final Logger log = LoggerFactory.getLogger(AccessExtension.class);

  private final Admission admission = new Admission();
  private Path file;
  private FileTime seen;

  @Override
  public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
    file = input.getExtensionInformation().getExtensionHomeFolder().toPath().resolve("in-cse-access.txt");
    look();
    Services.securityRegistry().setAuthenticatorProvider(ignored -> admission);
    Services.interceptorRegistry().setConnectInboundInterceptorProvider(ignored -> ownClientIds());
    Services.extensionExecutorService().scheduleWithFixedDelay(this::look, 500, 500, TimeUnit.MILLISECONDS);
  }

  @Override
  public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {}

  /** A client id belongs to whom it is used by: nobody takes over the session of another. Ours stay as they are. */
  private ConnectInboundInterceptor ownClientIds() {
    return (input, output) -> {
      String name = Names.of(input.getConnectionInformation(), input.getConnectPacket());
      if (name == null || admission.isService(name)) return;
      output.getConnectPacket().setClientId(name + "/" + input.getConnectPacket().getClientId());
    };
  }

  private void look() {
    try {
      FileTime changed = Files.getLastModifiedTime(file);
      if (!changed.equals(seen)) {
        seen = changed;
        AccessList list = AccessList.read(file);
        admission.take(list);
        log.info("in-cse access: {} identities", list.size());
      }
    } catch (IOException | RuntimeException fault) {
      log.error("in-cse access: the file is not taken: {}", fault.toString());
    }
    admission.sweep();
  }
}
