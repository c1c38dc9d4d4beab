package incse.access;

import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission;
import com.hivemq.extension.sdk.api.packets.auth.DefaultAuthorizationBehaviour;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import incse.access.AccessList.Grant;
import incse.access.AccessList.Identity;
import incse.access.AccessList.Password;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Lets in who shows a certificate with a known common name, or a known user name with its password; denies whatever no grant
 * allows. Who is in is thrown out when the list says so no longer.
 */
final class Admission implements SimpleAuthenticator {
  /** Of a client that is in; no password: it came by a certificate. `since`: when it was let in, ns. */
  private record Admitted(Identity identity, Password password, long since) {}

  /** ns between letting a client in and counting on it to be connected. */
  private static final long CONNECTING = Duration.ofSeconds(30).toNanos();

  private volatile AccessList list = AccessList.NOBODY;
  private final Map<String, Admitted> admitted = new ConcurrentHashMap<>();

  @Override
  public void onConnect(SimpleAuthInput input, SimpleAuthOutput output) {
    // A password takes a while to check: not on a thread that serves connections.
    Async<SimpleAuthOutput> later = output.async(Duration.ofSeconds(10), TimeoutFallback.FAILURE);
    Services.extensionExecutorService().submit(() -> {
      try {
        decide(input, output);
      } catch (Exception | LinkageError unsure) {
        output.failAuthentication(ConnackReasonCode.NOT_AUTHORIZED);
      } finally {
        later.resume();
      }
    });
  }

  private void decide(SimpleAuthInput input, SimpleAuthOutput output) throws GeneralSecurityException {
    String name = Names.of(input.getConnectionInformation(), input.getConnectPacket());
    Identity identity = name == null ? null : list.find(name);
    boolean certificate = Names.certificateOf(input.getConnectionInformation()) != null;
    Password password = identity == null || certificate ? null : matching(identity, input);
    if (identity == null || (password == null && !certificate)) {
      output.failAuthentication(ConnackReasonCode.NOT_AUTHORIZED);
      return;
    }
    var permissions = output.getDefaultPermissions();
    permissions.clear();
    for (Grant grant : identity.grants()) permissions.add(permissionOf(grant));
    permissions.setDefaultBehaviour(DefaultAuthorizationBehaviour.DENY);
    admitted.put(input.getClientInformation().getClientId(), new Admitted(identity, password, System.nanoTime()));
    output.authenticateSuccessfully();
  }

  private static Password matching(Identity identity, SimpleAuthInput input) throws GeneralSecurityException {
    var given = input.getConnectPacket().getPassword();
    if (given.isEmpty()) return null;
    char[] text = StandardCharsets.UTF_8.decode(given.get().duplicate()).toString().toCharArray();
    if (text.length == 0) return null;
    for (Password password : identity.passwords()) {
      if (password.until() > System.currentTimeMillis() && isRight(password, text)) return password;
    }
    return null;
  }

  private static boolean isRight(Password password, char[] text) throws GeneralSecurityException {
    byte[] expected = Base64.getDecoder().decode(password.hash());
    byte[] salt = Base64.getDecoder().decode(password.salt());
    var specification = new PBEKeySpec(text, salt, password.iterations(), expected.length * 8);
    byte[] found = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512").generateSecret(specification).getEncoded();
    return MessageDigest.isEqual(expected, found);
  }

  private static TopicPermission permissionOf(Grant grant) {
    var builder = Builders.topicPermission().topicFilter(grant.filter()).type(TopicPermission.PermissionType.ALLOW);
    if (grant.publish()) {
      return builder
          .activity(TopicPermission.MqttActivity.PUBLISH)
          .retain(TopicPermission.Retain.NOT_RETAINED)
          .build();
    }
    builder.activity(TopicPermission.MqttActivity.SUBSCRIBE);
    if (grant.group() == null) return builder.sharedSubscription(TopicPermission.SharedSubscription.NOT_SHARED).build();
    if (grant.group().isEmpty()) return builder.sharedSubscription(TopicPermission.SharedSubscription.ALL).build();
    return builder.sharedSubscription(TopicPermission.SharedSubscription.SHARED).sharedGroup(grant.group()).build();
  }

  /** Whether that name is one of ours, whose client ids stay as they are. */
  boolean isService(String name) {
    Identity identity = list.find(name);
    return identity != null && identity.service();
  }

  void take(AccessList next) {
    list = next;
  }

  /** Throws out whose right to be here has ended, and forgets who left. */
  void sweep() {
    admitted.forEach((client, entry) -> {
      if (!isInForce(entry)) {
        admitted.remove(client, entry);
        Services.clientService().disconnectClient(client);
        return;
      }
      // Forgotten while it is still connecting, it could never be thrown out.
      if (System.nanoTime() - entry.since() < CONNECTING) return;
      Services.clientService().isClientConnected(client).thenAccept(connected -> {
        if (!connected) admitted.remove(client, entry);
      });
    });
  }

  private boolean isInForce(Admitted entry) {
    Identity now = list.find(entry.identity().name());
    if (now == null || !now.grants().equals(entry.identity().grants())) return false;
    Password password = entry.password();
    if (password == null) return true;
    return password.until() > System.currentTimeMillis()
        && now.passwords().stream().anyMatch(other -> other.hash().equals(password.hash()));
  }
}
