import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/** Gives a user another password (SCRAM-SHA-512): arguments are the nodes' addresses, the user and the password. */
public final class ScramPassword {
  public static void main(String[] arguments) throws Exception {
    var settings = new Properties();
    settings.put("bootstrap.servers", arguments[0]);
    try (var admin = Admin.create(settings)) {
      var info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
      var change = new UserScramCredentialUpsertion(arguments[1], info, arguments[2]);
      admin.alterUserScramCredentials(List.of(change)).all().get();
    }
  }
}
