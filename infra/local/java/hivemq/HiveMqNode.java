import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.packets.auth.DefaultAuthorizationBehaviour;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One HiveMQ CE, which refuses every client unless an extension decides who may come in. Arguments: its home (with
 * conf/config.xml) and a file of users, one a line: name, password and topic filters, separated by tabs. No users:
 * everybody may come in. No filters: every topic. A filter never starts with $share: permissions name the plain filter.
 */
public class HiveMqNode {
  private record User(String password, List<String> filters) {}

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    Map<String, User> users = readUsers(Path.of(arguments[1]));
    for (String folder : List.of("data", "extensions")) Files.createDirectories(home.resolve(folder));
    EmbeddedHiveMQ node = EmbeddedHiveMQ.builder()
        .withConfigurationFolder(home.resolve("conf"))
        .withDataFolder(home.resolve("data"))
        .withExtensionsFolder(home.resolve("extensions"))
        .withEmbeddedExtension(admission((input, output) -> admit(users, input, output)))
        .build();
    node.start().join();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> node.stop().join()));
    System.out.println("node is ready");
    Thread.currentThread().join();
  }

  private static Map<String, User> readUsers(Path file) throws IOException {
    Map<String, User> users = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      List<String> fields = List.of(line.split("\t"));
      users.put(fields.get(0), new User(fields.get(1), fields.subList(2, fields.size())));
    }
    return users;
  }

  private static void admit(Map<String, User> users, SimpleAuthInput input, SimpleAuthOutput output) {
    if (users.isEmpty()) {
      output.authenticateSuccessfully();
      return;
    }
    User user = users.get(input.getConnectPacket().getUserName().orElse(""));
    String password = input.getConnectPacket().getPassword()
        .map(bytes -> StandardCharsets.UTF_8.decode(bytes.duplicate()).toString())
        .orElse("");
    if (user == null || !user.password().equals(password)) {
      output.failAuthentication(ConnackReasonCode.BAD_USER_NAME_OR_PASSWORD, "unknown user or wrong password");
      return;
    }
    if (!user.filters().isEmpty()) {
      var permissions = output.getDefaultPermissions();
      for (String filter : user.filters()) permissions.add(Builders.topicPermission().topicFilter(filter).build());
      permissions.setDefaultBehaviour(DefaultAuthorizationBehaviour.DENY);
    }
    output.authenticateSuccessfully();
  }

  private static EmbeddedExtension admission(SimpleAuthenticator authenticator) {
    ExtensionMain main = new ExtensionMain() {
      @Override
      public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
        Services.securityRegistry().setAuthenticatorProvider(ignored -> authenticator);
      }

      @Override
      public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {}
    };
    return EmbeddedExtension.builder()
        .withId("admission").withName("admission").withVersion("1").withAuthor("in-cse")
        .withPriority(0).withStartPriority(1000).withExtensionMain(main).build();
  }
}
