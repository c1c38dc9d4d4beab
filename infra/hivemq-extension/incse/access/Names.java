package incse.access;

import com.hivemq.extension.sdk.api.client.parameter.ClientTlsInformation;
import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import com.hivemq.extension.sdk.api.packets.connect.ConnectPacket;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** As whom a client connects. */
final class Names {
  private Names() {}

  /** The common name of its certificate, else its user name; null where there is none, or two that differ. */
  static String of(ConnectionInformation connection, ConnectPacket packet) {
    String user = packet.getUserName().orElse(null);
    X509Certificate certificate = certificateOf(connection);
    if (certificate == null) return user;
    String name = commonName(certificate);
    return user == null || user.equals(name) ? name : null;
  }

  /** Verified by the listener, which knows the authorities; null if the client showed none. */
  static X509Certificate certificateOf(ConnectionInformation connection) {
    return connection.getClientTlsInformation().flatMap(ClientTlsInformation::getClientCertificate).orElse(null);
  }

  private static String commonName(X509Certificate certificate) {
    try {
      List<String> names = new LdapName(certificate.getSubjectX500Principal().getName())
          .getRdns().stream()
          .filter(part -> part.getType().equalsIgnoreCase("CN"))
          .map(Rdn::getValue)
          .map(String::valueOf)
          .toList();
      return names.size() == 1 ? names.get(0) : null;
    } catch (InvalidNameException unreadable) {
      return null;
    }
  }
}
